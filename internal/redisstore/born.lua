-- When the store was first found empty, kept for as long as anything in it could be. KEYS: that time.
redis.call('SET', KEYS[1], ARGV[1], 'NX')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {0, redis.call('GET', KEYS[1])}
