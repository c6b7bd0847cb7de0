-- What an append must do in one step, and nothing else: refuse a repeat, a gap and a wrong epoch, append, set the
-- timer, live on, publish.
local box, list, due = KEYS[1], KEYS[2], KEYS[3]
local side, counter, epoch = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local state = redis.call('HMGET', box, 'c' .. side, 'e', 'h')
local last = tonumber(state[1] or 0)
if counter <= last then return {0, state[3]} end
if counter > last + 1 then return {1, last} end
if state[2] and state[2] ~= epoch then return {2, state[2]} end
local head = tonumber(state[3] or 0) + 1
redis.call('RPUSH', list, ARGV[4])
redis.call('HSET', box, 'c' .. side, counter, 'e', epoch, 'h', head)
redis.call('ZADD', due, 'NX', ARGV[6], ARGV[7])
redis.call('EXPIRE', box, ARGV[5])
redis.call('EXPIRE', list, ARGV[5])
redis.call('PUBLISH', ARGV[8], ARGV[9])
return {0, head}
