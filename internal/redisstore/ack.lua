-- Raises an acknowledgement and deletes what every open slot has acknowledged (spec §5.5).
local life, slot, holder = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local incarnation, seq, tag = ARGV[4], tonumber(ARGV[5]), ARGV[6]

local state = redis.call('HMGET', box, 'i', 'h', 't', 'b', 'n')
if not state[1] then return absent() end
local head = tonumber(state[2])
if state[1] ~= life or not stands(state[1], head, state[3], incarnation, seq, tag) then return {8, 0} end

local device, opened, closed = place(slot)
if not device or not holds(slot, holder) then return {7, 0} end
local lastTag, counter, lastSeq, acked, digest = progress(slot, opened)
if closed > 0 or seq <= acked then return {0} end
setProgress(slot, lastTag, digest, counter, lastSeq, seq)
local first = head - redis.call('LLEN', entries) + 1

local count = tonumber(state[5])
local list, names = places(count), {}
for s = 0, count - 1 do names[s + 1] = 'c' .. s end
local all, least = redis.call('HMGET', box, unpack(names)), head
for s = 0, count - 1 do
  if list[s].closed == 0 then
    local a = list[s].opened
    if all[s + 1] then a = tonumber(string.match(string.sub(all[s + 1], 25), ' (%d+)$')) end
    if a < least then least = a end
  end
end

local gone = least - first + 1
if gone > 0 then
  local bytes = 0
  for _, stored in ipairs(redis.call('LRANGE', entries, 0, gone - 1)) do
    local _, last = string.find(stored, '^%d+ %d+ %d+ ', 9)
    bytes = bytes + #stored - last
  end
  redis.call('LTRIM', entries, gone, -1)
  redis.call('HSET', box, 'b', tonumber(state[4]) - bytes)
end
return {0}
