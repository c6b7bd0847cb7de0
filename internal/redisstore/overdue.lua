-- Moves a due timer on and tells whom it concerns; another node may have been faster.
local mailbox, now, nextTime = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local due = redis.call('ZSCORE', timers, mailbox)
if not due or tonumber(due) > now then return {0, ''} end
local state = redis.call('HMGET', box, 'k', 'o', 'n')
if not state[1] then
  redis.call('ZREM', timers, mailbox)
  return {0, ''}
end
redis.call('ZADD', timers, nextTime, mailbox)
local marks = {}
for _, p in ipairs(places(tonumber(state[3]))) do
  if p.closed == 0 then marks[#marks + 1] = '+' .. p.device end
end
-- The pointers that this renews need not outlive the mailbox.
return {0, table.concat({now, state[1], state[2], redis.call('TTL', box), table.concat(marks)}, ' ')}
