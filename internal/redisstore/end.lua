-- Deletes a mailbox and leaves a tombstone (spec §5.6).
local channel, mailbox, incarnation, slot, reason = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local counter, badMessage, badMessageDetail = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local epoch, tag, now, message = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]

if redis.call('EXISTS', tomb) == 1 then return {0, redis.call('HGET', outbox, mailbox) or ''} end
local state = redis.call('HMGET', box, 'i', 'k', 'o', 'r', 'e', 'h', 'n')
if not state[1] or state[1] ~= incarnation then return {5, 0} end

local device, opened, closed = place(slot)
if not device then return {7, 0} end
if closed > 0 then return {19, closed} end
if #message > 0 then
  local _, last = progress(slot, opened)
  -- A used counter belongs to a send: its old answer would say that nothing was deleted.
  if counter ~= last + 1 then return {11, last + 1} end
  if badMessage > 0 then return {badMessage, badMessageDetail} end
  if epoch ~= tonumber(state[5]) then return {10, tonumber(state[5])} end
  announce(channel, mailbox, incarnation, '', entry(tag, tonumber(state[6]) + 1, slot, counter, message))
end

local marks = {}
for _, p in ipairs(places(tonumber(state[7]))) do marks[#marks + 1] = '-' .. p.device end
redis.call('DEL', box, entries, welcomes)
redis.call('ZREM', timers, mailbox)
redis.call('SET', tomb, reason, 'EX', state[4])
redis.call('PUBLISH', channel, 'x' .. mailbox .. incarnation .. reason)
return {0, note(now, mailbox, state[2], state[3], state[4], table.concat(marks))}
