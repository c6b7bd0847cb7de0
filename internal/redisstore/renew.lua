-- Puts a puzzle in front unless somebody else has. KEYS: puzzles.
local newest = redis.call('LINDEX', KEYS[1], 0)
if (newest and string.sub(newest, 1, 16) or '') ~= ARGV[1] then return {0} end
redis.call('LPUSH', KEYS[1], ARGV[2])
redis.call('LTRIM', KEYS[1], 0, ARGV[3] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return {0}
