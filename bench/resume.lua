-- What a reader has missed, at one moment: all that is kept, where the other side has written after the counter that it
-- names.
local last = tonumber(redis.call('HGET', KEYS[1], 'c' .. ARGV[1]) or 0)
if last <= tonumber(ARGV[2]) then return {} end
return redis.call('LRANGE', KEYS[2], 0, -1)
