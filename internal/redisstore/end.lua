-- uses: entryText, headOf, holds, note, place, places, progress, refusalOf, rivals, stands
-- Deletes a mailbox and leaves a tombstone (spec §5.6).
local mailbox, incarnation, slot, holder, reason = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local read, readSeq, readTag, counter = ARGV[6], tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9])
local badMessage, badPolicy, epoch, tag, now, message = ARGV[10], ARGV[11], tonumber(ARGV[12]), ARGV[13], ARGV[14], ARGV[15]

if redis.call('EXISTS', tomb) == 1 then return {0, redis.call('HGET', outbox, mailbox) or ''} end
local state = redis.call('HMGET', box, 'i', 'k', 'o', 'r', 'h', 'n', 'l')
if not state[1] then return {5, 0} end
if state[1] ~= incarnation then return {8, 0} end
local headTag, head, sum, current = headOf(state[5])

local device, _, closed = place(slot)
if not device then return {7, 0} end
if closed > 0 then return {19, closed} end
if not holds(slot, holder) then return {7, 0} end
if slot > 0 then
  local taken, others = rivals(slot, tonumber(state[7] or 0), tonumber(state[6]))
  if taken or others > 0 then return {14, 0} end
  local _, _, newest = progress(0)
  -- All zeros are a device that has read nothing, in whatever life.
  if readSeq > 0 and not stands(incarnation, head, headTag, read, readSeq, readTag) then return {8, 0} end
  if newest > readSeq then return {23, head} end
end
if #message > 0 then
  local _, last = progress(slot)
  -- A used counter belongs to another frame: had this one been here, nothing else would.
  if counter == last and counter > 0 then return {22, 0} end
  if counter < last then return {12, 0} end
  if counter ~= last + 1 then return {11, last + 1} end
  if badMessage ~= '' then return refusalOf(badMessage) end
  if epoch ~= current then return {10, current} end
  if badPolicy ~= '' then return refusalOf(badPolicy) end
  redis.call('PUBLISH', channel, entryText(mailbox, incarnation, headTag, tag, head + 1, slot, counter, sum + #message, '', message))
end

local marks = {}
for _, p in ipairs(places(tonumber(state[6]))) do marks[#marks + 1] = '-' .. p.device end
redis.call('DEL', box, entries, welcomes)
redis.call('ZREM', timers, mailbox)
for _, call in ipairs(redis.call('ZRANGE', calls, 0, -1)) do
  if string.sub(call, 1, 32) == mailbox then redis.call('ZREM', calls, call) end
end
redis.call('SET', tomb, reason, 'EX', state[4])
redis.call('PUBLISH', channel, 'x' .. mailbox .. incarnation .. reason)
return {0, note(now, mailbox, state[2], state[3], state[4], table.concat(marks))}
