-- uses: absent, headOf, holdsOf, kept, span, stands, sumAt
-- Moves a slot on and deletes what every open slot has advanced past (spec §5.5).
local life, slot, holder = ARGV[1], ARGV[2], ARGV[3]
local incarnation, seq, tag = ARGV[4], tonumber(ARGV[5]), ARGV[6]

local state = redis.call('HMGET', box, 'i', 'h', 'n', 'd' .. slot, 'a' .. slot, 's' .. slot)
if not state[1] then return absent() end
local headTag, head = headOf(state[2])
if state[1] ~= life or not stands(state[1], head, headTag, incarnation, seq, tag) then return {8, 0} end

if not state[4] or not holdsOf(state[5], holder) then return {7, 0} end
local opened, closed = span(tonumber(slot), state[4])
if closed > 0 or seq <= tonumber(state[6] or opened) then return {0} end

local count, names = tonumber(state[3]), {}
for s = 0, count - 1 do
  names[s + 1] = 'd' .. s
  names[count + s + 1] = 's' .. s
end
local all, least = redis.call('HMGET', box, unpack(names)), seq
for s = 0, count - 1 do
  local began, over = span(s, all[s + 1])
  if over == 0 and s ~= tonumber(slot) then least = math.min(least, tonumber(all[count + s + 1] or began)) end
end

local first = head - kept() + 1
if least < first then
  redis.call('HSET', box, 's' .. slot, seq)
  return {0}
end
redis.call('HSET', box, 's' .. slot, seq, 'f', sumAt(least - first))
redis.call('LTRIM', entries, least - first + 1, -1)
return {0}
