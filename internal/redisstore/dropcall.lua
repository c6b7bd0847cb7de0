-- Forgets that somebody is being called, if it is for this step. KEYS: that they are.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {0}
