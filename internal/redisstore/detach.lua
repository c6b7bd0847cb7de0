-- uses: announcePresence
-- A connection is gone: whoever has attached the slot since is still there (spec §5.10).
local mailbox, incarnation, slot, holder = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HGET', box, 'i') ~= incarnation or redis.call('HGET', box, 'a' .. slot) ~= holder .. '+' then return {0} end
redis.call('HSET', box, 'a' .. slot, holder)
announcePresence(mailbox, incarnation)
return {0}
