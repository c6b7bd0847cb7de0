-- Puts a mailbox into a device's inbox, for at least that many seconds, and tells which of the others have had their
-- time: their mailboxes may be gone, and with the key's life theirs would grow for ever. KEYS: the inbox. Each value:
-- opening minute, then the second up to which it was put here.
local mailbox, since, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], mailbox, since .. ' ' .. now + retention)
if redis.call('TTL', KEYS[1]) < retention then redis.call('EXPIRE', KEYS[1], retention) end
local old = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if tonumber(string.match(all[i + 1], ' (%d+)$') or now) < now then old[#old + 1] = all[i] end
end
return old
