-- Raises an acknowledgement and deletes what every open slot has acknowledged (spec §5.5).
local life, slot, holder = ARGV[1], ARGV[2], ARGV[3]
local incarnation, seq, tag = ARGV[4], tonumber(ARGV[5]), ARGV[6]

local state = redis.call('HMGET', box, 'i', 'h', 't', 'n', 'd' .. slot, 'a' .. slot, 'c' .. slot)
if not state[1] then return absent() end
local head = tonumber(state[2])
if state[1] ~= life or not stands(state[1], head, state[3], incarnation, seq, tag) then return {8, 0} end

if not state[5] or not holdsOf(state[6], holder) then return {7, 0} end
local opened, closed = span(tonumber(slot), state[5])
local lastTag, counter, lastSeq, acked, digest = progressOf(state[7], opened)
if closed > 0 or seq <= acked then return {0} end

local count, names = tonumber(state[4]), {}
for s = 0, count - 1 do
  names[s + 1] = 'd' .. s
  names[count + s + 1] = 'c' .. s
end
local all, least = redis.call('HMGET', box, unpack(names)), seq
for s = 0, count - 1 do
  local began, over = span(s, all[s + 1])
  if over == 0 and s ~= tonumber(slot) then
    local _, _, _, a = progressOf(all[count + s + 1], began)
    if a < least then least = a end
  end
end

local first = head - kept() + 1
local raised = progressText(lastTag, digest, counter, lastSeq, seq)
if least < first then
  redis.call('HSET', box, 'c' .. slot, raised)
  return {0}
end
local sum = string.match(facts(least - first), ' (%d+)$')
redis.call('HSET', box, 'c' .. slot, raised, 'f', sum)
redis.call('LTRIM', entries, 2 * (least - first + 1), -1)
return {0}
