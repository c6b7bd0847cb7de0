-- Appends a message for a seat from which send.lua has taken one, while what allowed that one holds: nothing is judged
-- anew. What it may stand behind is others' messages; a commit it may not, since slots and claimer change with an
-- epoch. KEYS: mailbox, entries, timers. Answers 0 where something else has changed, 1 where the newest entry is the
-- one that this node knows, and 2 with the entry's seq and sum where it is another.
local holders, writers, visitor, entry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local head, holder, progress, newHead, newProgress = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local known = redis.call('HMGET', KEYS[1], 'h', holders, writers)
if known[2] ~= holder or known[3] ~= progress then return {0, 0} end
-- With a visitor's message an escalation begins unless one is under way.
if visitor ~= '' and not redis.call('ZSCORE', KEYS[3], visitor) then return {0, 0} end

local answer = {0, 1}
if known[1] ~= head then
  local seq, sum, epoch = string.match(known[1], '(%d+) (%d+) (%d+)$', 9)
  local epochBefore, maxSeq, maxSum = string.match(ARGV[10], '^(%d+) (%d+) (%d+)$')
  local slotAndCounter, message = string.match(entry, '^%d+ (%d+ %d+) %d+()', 66)
  seq, sum = seq + 1, sum + #entry - message
  if epoch ~= epochBefore or seq > tonumber(maxSeq) or sum > tonumber(maxSum) then return {0, 0} end
  -- As entryText, headText and progressText of common.lua.
  entry = table.concat({string.sub(entry, 1, 49), string.sub(known[1], 1, 8), string.sub(entry, 58, 65),
    string.format('%d %s %d', seq, slotAndCounter, sum), string.sub(entry, message)})
  newHead = string.sub(newHead, 1, 8) .. string.format('%d %d %s', seq, sum, epoch)
  newProgress = string.match(newProgress, '^.* ') .. string.format('%d', seq)
  answer = {0, 2, seq, sum}
end

-- A list that was emptied begins without a time to live.
if redis.call('RPUSH', KEYS[2], entry) == 1 then redis.call('EXPIRE', KEYS[2], redis.call('HGET', KEYS[1], 'r')) end
redis.call('HSET', KEYS[1], 'h', newHead, writers, newProgress)
redis.call('PUBLISH', channel, entry)
return answer
