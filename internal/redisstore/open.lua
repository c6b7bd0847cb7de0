-- Makes a mailbox (spec §5.2).
local channel, mailbox, incarnation, kommun, hash = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local since, retention, tag, due, now = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local devices, welcome, message = ARGV[11], ARGV[12], ARGV[13]

if redis.call('EXISTS', tomb) == 1 then return absent() end

local known = redis.call('HMGET', box, 'i', 'p', 'k')
if known[1] then
  local oldTag, counter, seq = progress(0, 0)
  if known[2] == hash and known[3] == kommun and counter == 1 then return {0, known[1], seq, oldTag, 1, ''} end
  return {13, 0}
end

local count, marks = 1, {}
for at = 1, #devices, 16 do
  local device = string.sub(devices, at, at + 15)
  setPlace(count, device, 0, 0, 0)
  marks[count] = '+' .. device
  count = count + 1
end
setPlace(0, string.rep('-', 16), 0, 0, 1)
setProgress(0, tag, 1, 1, 0)
redis.call('HSET', box, 'i', incarnation, 'k', kommun, 'p', hash, 'o', since, 'r', retention,
  'e', 1, 'h', 1, 't', tag, 'b', #message, 'n', count)
redis.call('EXPIRE', box, retention)

local stored = entry(tag, 1, 0, 1, message)
redis.call('DEL', entries)
redis.call('RPUSH', entries, stored)
redis.call('EXPIRE', entries, retention)
redis.call('DEL', welcomes)
redis.call('HSET', welcomes, 0, welcome)
redis.call('EXPIRE', welcomes, retention)
redis.call('ZADD', timers, due, mailbox)
outlive(timers, retention)
announce(channel, mailbox, incarnation, '', stored)
return {0, incarnation, 1, tag, 0, note(now, mailbox, kommun, since, retention, table.concat(marks))}
