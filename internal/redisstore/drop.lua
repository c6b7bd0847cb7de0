-- Deletes a blob for whoever has its capability (spec §5.9). KEYS: the blob.
if redis.call('HGET', KEYS[1], 'p') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {0}
