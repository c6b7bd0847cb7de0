-- uses: currentEscalation, outlive, setEscalation
-- Takes the step that a timer stands for: another node may have been faster. The timer goes on to the next at once,
-- whatever becomes of this one, which is a call until it is settled. A lease that has ended is taken anew in the same
-- way, without the timer.
local mailbox, due, escalation, step = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local nextDue, fails, lease, call, again, keep, following = ARGV[5], ARGV[6] == '1', ARGV[7], ARGV[8], ARGV[9] == '1', ARGV[10], tonumber(ARGV[11])
local current, at, told = currentEscalation()
local set = redis.call('ZSCORE', again and calls or timers, again and call or mailbox)
if not set or tonumber(set) ~= tonumber(due) then return {0, 0} end
local life = redis.call('HGET', box, 'i')
if again then
  -- Somebody has acted since, or there is nobody to answer any more. The last step of an escalation ends it by itself.
  if not life or current ~= escalation and not (current == escalation + 1 and told == 2 and at == 0) then
    redis.call('ZREM', calls, call)
    return {0, 0}
  end
else
  if not life or current ~= escalation or at ~= step then return {0, 0} end
  if fails then
    setEscalation(mailbox, life, escalation + 1, 0, 2, told)
  else
    setEscalation(mailbox, life, escalation, following, told == 1 and 0 or told, told)
  end
  redis.call('ZADD', timers, nextDue, mailbox)
end
redis.call('ZADD', calls, lease, call)
outlive(calls, keep)
return {0, 1}
