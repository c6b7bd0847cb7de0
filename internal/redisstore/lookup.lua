-- Counts a lookup, and gives the seconds to wait where there have been too many in this span. KEYS: the counter.
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], seconds) end
if count <= most then return {0, 0} end
return {0, math.max(1, redis.call('TTL', KEYS[1]))}
