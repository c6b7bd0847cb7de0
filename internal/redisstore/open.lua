-- uses: announcePresence, arrive, entryText, headText, live, note, outlive, place, progressText, refusalOf, setPlace
-- Makes a mailbox (spec §5.2).
local mailbox, incarnation, kommun, hash = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local since, retention, tag, due, now = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local devices, welcome, message, holder, digest = ARGV[10], ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local refusal = ARGV[15]

if redis.call('EXISTS', tomb) == 1 then return {13, 0} end

-- q: the tag of entry 1, then the opening's digest; both outlive the entry.
local known = redis.call('HMGET', box, 'i', 'q', 'k')
if known[1] then
  if string.sub(known[2], 9) ~= digest or known[3] ~= kommun then return {13, 0} end
  local visitor, _, _, fence = place(0)
  setPlace(0, visitor, 0, 0, fence + 1)
  arrive(0, holder)
  redis.call('PUBLISH', channel, 'a' .. mailbox .. known[1] .. string.format('0 %d ', fence + 1) .. holder)
  announcePresence(mailbox, known[1])
  return {0, known[1], string.sub(known[2], 1, 8), fence + 1, 1, ''}
end
if refusal ~= '' then return refusalOf(refusal) end

local count, marks = 1, {}
for at = 1, #devices, 16 do
  local device = string.sub(devices, at, at + 15)
  setPlace(count, device, 0, 0, 0)
  marks[count] = '+' .. device
  count = count + 1
end
setPlace(0, '', 0, 0, 1)
redis.call('HSET', box, 'i', incarnation, 'k', kommun, 'p', hash, 'o', since, 'r', retention,
  'q', tag .. digest, 'h', headText(tag, 1, #message, 1), 'n', count, 'c0', progressText(tag, digest, 1, 1))
arrive(0, holder)

local entry = entryText(mailbox, incarnation, string.rep('\0', 8), tag, 1, 0, 1, #message, '', message)
redis.call('DEL', entries)
redis.call('RPUSH', entries, entry)
redis.call('DEL', welcomes)
redis.call('HSET', welcomes, 0, string.rep('\0', 8) .. welcome)
live(retention)
redis.call('ZADD', timers, due, mailbox)
outlive(timers, retention)
redis.call('PUBLISH', channel, entry)
return {0, incarnation, tag, 1, 0, note(now, mailbox, kommun, since, retention, table.concat(marks))}
