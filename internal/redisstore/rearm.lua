-- A climb begins at `due`, unless one is under way that goes on sooner.
local mailbox, life, due = ARGV[1], ARGV[2], ARGV[3]
local state = redis.call('HMGET', box, 'i', 'r')
if not state[1] then return absent() end
if state[1] ~= life then return {8, 0} end
local set = redis.call('ZSCORE', timers, mailbox)
if not set or tonumber(set) > tonumber(due) then arm(mailbox, life, due, 0, nil, state[2]) end
return {0}
