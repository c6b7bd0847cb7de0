-- Forgets a note unless a newer one has taken its place.
local mailbox, text = ARGV[1], ARGV[2]
if redis.call('HGET', outbox, mailbox) == text then redis.call('HDEL', outbox, mailbox) end
return {0}
