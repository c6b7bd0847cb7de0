-- Sets a timer that is due to another time, if it still is.
local mailbox, due, later = ARGV[1], ARGV[2], ARGV[3]
local set = redis.call('ZSCORE', timers, mailbox)
if set and tonumber(set) == tonumber(due) then redis.call('ZADD', timers, later, mailbox) end
return {0}
