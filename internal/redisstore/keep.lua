-- uses: absent, holds, live, note, outlive, places
-- Gives a mailbox a longer retention, from now on (spec §5.7).
local mailbox, incarnation, holder, retention, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local state = redis.call('HMGET', box, 'i', 'k', 'o', 'r', 'n')
if not state[1] then return absent() end
if state[1] ~= incarnation then return {8, 0} end
if not holds(0, holder) then return {7, 0} end
if tonumber(retention) <= tonumber(state[4]) then return {0, ''} end
redis.call('HSET', box, 'r', retention)
live(retention)
if redis.call('ZSCORE', timers, mailbox) then outlive(timers, retention) end
local marks = {}
for _, p in ipairs(places(tonumber(state[5]))) do
  if p.closed == 0 then marks[#marks + 1] = '=' .. p.device end
end
return {0, note(now, mailbox, state[2], state[3], retention, table.concat(marks))}
