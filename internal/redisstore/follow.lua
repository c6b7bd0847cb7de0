-- Appends a message where the mailbox still is as this node knows it, for a seat from which send.lua has taken one: nothing is judged anew.
-- KEYS: mailbox, entries, timers. Answers 1, or 0 where anything has changed.
local holders, writers, visitors, entry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local head, holder, progress, newHead, newProgress = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local known = redis.call('HMGET', KEYS[1], 'h', holders, writers)
if known[1] ~= head or known[2] ~= holder or known[3] ~= progress then return {0, 0} end
-- With a visitor's message a climb begins unless one is under way.
if visitors ~= '' and not redis.call('ZSCORE', KEYS[3], visitors) then return {0, 0} end
-- A list that was emptied begins without a time to live.
if redis.call('RPUSH', KEYS[2], entry) == 1 then redis.call('EXPIRE', KEYS[2], redis.call('HGET', KEYS[1], 'r')) end
redis.call('HSET', KEYS[1], 'h', newHead, writers, newProgress)
redis.call('PUBLISH', channel, entry)
return {0, 1}
