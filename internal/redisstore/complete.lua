-- A step has been taken to its end.
redis.call('ZREM', calls, ARGV[1])
return {0}
