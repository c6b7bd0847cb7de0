-- Counts openings, and gives those of the last minute with the puzzles. KEYS: puzzles, openings.
local now, opened = tonumber(ARGV[1]), tonumber(ARGV[2])
local slice, recent = math.floor(now / 10000), 0
if opened > 0 then
  redis.call('HINCRBY', KEYS[2], slice, opened)
  redis.call('EXPIRE', KEYS[2], 120)
end
local slices = redis.call('HGETALL', KEYS[2])
for at = 1, #slices, 2 do
  -- One that lies ahead is of a clock that has been set back.
  if math.abs(slice - tonumber(slices[at])) < 6 then recent = recent + tonumber(slices[at + 1]) else redis.call('HDEL', KEYS[2], slices[at]) end
end
return {0, recent, unpack(redis.call('LRANGE', KEYS[1], 0, -1))}
