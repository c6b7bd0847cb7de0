-- uses: absent, holds
-- Counts a blob that is about to be made from this mailbox (spec §5.9).
local incarnation, holder, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local state = redis.call('HMGET', box, 'i', 'm')
if not state[1] then return absent() end
if state[1] ~= incarnation then return {8, 0} end
if not holds(0, holder) then return {7, 0} end
local count = tonumber(state[2] or 0)
if count >= most then return {16, 0} end
redis.call('HSET', box, 'm', count + 1)
return {0}
