-- uses: absent, announcePresence, holds
-- The visitor has left quickly, and the mailbox stays (spec §5.10).
local mailbox, incarnation, holder = ARGV[1], ARGV[2], ARGV[3]
local life = redis.call('HGET', box, 'i')
if not life then return absent() end
if life ~= incarnation then return {8, 0} end
if not holds(0, holder) then return {7, 0} end
redis.call('HSET', box, 'a0', holder, 'v', 1)
announcePresence(mailbox, incarnation)
return {0}
