-- Puts a version of a blob in the place of the one before it (spec §5.9). KEYS: the blob. Answers 1 after 0 where
-- nothing lies and the first version may be made, once it is counted: `make` says that it is.
local capability, version, digest, blob, seconds, make = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1'
local known = redis.call('HMGET', KEYS[1], 'p', 'v', 'd')
local stored = tonumber(known[2] or 0)
if stored == 0 and version > 1 or stored > 0 and known[1] ~= capability then return {25, 0} end
if version == stored and digest == known[3] then return {0, 0} end
if version ~= stored + 1 then return {24, stored} end
if stored == 0 and not make then return {0, 1} end
redis.call('HSET', KEYS[1], 'p', capability, 'v', version, 'd', digest, 'x', blob)
redis.call('EXPIRE', KEYS[1], seconds)
return {0, 0}
