-- Stands before every script on a mailbox: the first block whole, then each function that the script says it uses, or
-- that such a one says it uses (link.go). KEYS are those of keys.go: mailbox, entries, Welcomes, tombstone, timers,
-- outbox, calls. Numbers from clients come bounded to 2^53, which a double holds and no stored number reaches. A
-- script pays for each string that it makes by its length, for each call, and for each number that Redis writes as
-- text: so a message is joined once, to what is kept and told of it, and what a call takes as text is made as text.
local box, entries, welcomes, tomb, timers, outbox, calls = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]

-- The tombstone's reason where there is no mailbox, else no_mailbox.
local function absent()
  local reason = redis.call('GET', tomb)
  if reason then return {6, tonumber(reason)} end
  return {5, 0}
end

-- What a call that is refused answers, of "code detail".
local function refusalOf(text)
  local code, detail = string.match(text, '^(%d+) (%d+)$')
  return {tonumber(code), tonumber(detail)}
end

-- h: 8 bytes of tag, then seq of the newest entry, bytes of all messages ever, and the epoch after it. What an append
-- changes stands together, so that it is read, compared and written in one call (follow.lua).
local function headOf(v)
  local seq, sum, epoch = string.match(v, '(%d+) (%d+) (%d+)$', 9)
  return string.sub(v, 1, 8), tonumber(seq), tonumber(sum), tonumber(epoch)
end

-- Concatenated: %s of Lua 5.1 ends at a zero byte, and tags hold some.
local function headText(tag, seq, sum, epoch) return tag .. string.format('%d %d %d', seq, sum, epoch) end

-- c<slot>: 8 bytes of tag, 16 of digest, then counter and seq, of the last frame and its answer. A slot that has
-- written nothing has none.
local function progressOf(v)
  if not v then return string.rep('\0', 8), 0, 0, string.rep('\0', 16) end
  local counter, seq = string.match(v, '(%d+) (%d+)$', 25)
  return string.sub(v, 1, 8), tonumber(counter), tonumber(seq), string.sub(v, 9, 24)
end

-- uses: progressOf
local function progress(slot) return progressOf(redis.call('HGET', box, 'c' .. slot)) end

local function progressText(tag, digest, counter, seq) return tag .. digest .. string.format('%d %d', counter, seq) end

-- a<slot>: the connection that attached the slot last, and a mark while it is there. Another's frames come too late.
local function holdsOf(v, holder) return not v or string.sub(v, 1, #holder) == holder end

-- uses: holdsOf
local function holds(slot, holder) return holdsOf(redis.call('HGET', box, 'a' .. slot), holder) end

local function isThere(v) return v and #v == 9 end

-- An entry is kept as it is told (parseEntry): a letter, mailbox, incarnation, tag of the entry before it, its own,
-- then "seq slot counter sum", the slots that it closes as ",3,5", a space, and the message. `sum` counts the bytes of
-- all messages up to and with its own.
local function entryText(mailbox, incarnation, before, tag, seq, slot, counter, sum, closed, message)
  return 'e' .. mailbox .. incarnation .. before .. tag .. string.format('%d %d %d %d', seq, slot, counter, sum) .. closed .. ' ' .. message
end

local function kept() return redis.call('LLEN', entries) end

local function tagAt(index) return string.sub(redis.call('LINDEX', entries, index), 58, 65) end

local function sumAt(index) return string.match(redis.call('LINDEX', entries, index), '^%d+ %d+ %d+ (%d+)', 66) end

-- Whether a cursor is of this life and names an entry of it, as far as that entry is kept.
-- uses: kept, tagAt
local function stands(life, head, headTag, incarnation, seq, tag)
  if incarnation ~= life or seq > head then return false end
  if seq == head then return tag == headTag end
  if seq == 0 then return tag == string.rep('\0', 8) end
  local first = head - kept() + 1
  return seq < first or tagAt(seq - first) == tag
end

-- d<slot>: 8 bytes of device (none for the visitor), then the seqs that opened and closed it (0: open), then the fence.
-- Where all three are 0, as for most devices, they are left out. Everywhere else a device is 16 digits.
local function span(slot, v)
  if #v <= 8 and slot > 0 then return 0, 0, 0 end
  local opened, closed, fence = string.match(v, ' (%d+) (%d+) (%d+)$', slot == 0 and 1 or 9)
  return tonumber(opened or 0), tonumber(closed or 0), tonumber(fence or 0)
end

local function digits(byte) return string.format('%02x', string.byte(byte)) end

-- uses: digits, span
local function parse(slot, v)
  local device = slot == 0 and '' or string.gsub(string.sub(v, 1, 8), '.', digits)
  return device, span(slot, v)
end

-- uses: parse
local function place(slot)
  local v = redis.call('HGET', box, 'd' .. slot)
  if not v then return nil end
  return parse(slot, v)
end

local function placeText(bytes, opened, closed, fence)
  if opened + closed + fence == 0 then return bytes end
  return bytes .. string.format(' %d %d %d', opened, closed, fence)
end

-- uses: placeText
local function setPlace(slot, device, opened, closed, fence)
  local bytes = string.gsub(device, '..', function(digits) return string.char(tonumber(digits, 16)) end)
  redis.call('HSET', box, 'd' .. slot, placeText(bytes, opened, closed, fence))
end

-- Every place, by slot from 0.
-- uses: parse
local function places(count)
  local names = {}
  for slot = 0, count - 1 do names[slot + 1] = 'd' .. slot end
  local all = redis.call('HMGET', box, unpack(names))
  local list = {}
  for slot = 0, count - 1 do
    local device, opened, closed, fence = parse(slot, all[slot + 1])
    list[slot] = {device = device, opened = opened, closed = closed, fence = fence}
  end
  return list
end

-- Whether another device has claimed, and how many open slots other devices have (spec §5.3.4). Both are 0 to the
-- claimer itself.
-- uses: places
local function rivals(slot, claimer, count)
  if claimer == slot then return false, 0 end
  local list, others = places(count), 0
  for s = 1, count - 1 do
    if s ~= slot and list[s].closed == 0 then others = others + 1 end
  end
  return claimer > 0 and list[claimer].closed == 0, others
end

-- Keys that many mailboxes share only ever get a longer life.
local function outlive(key, seconds)
  if redis.call('TTL', key) < tonumber(seconds) then redis.call('EXPIRE', key, seconds) end
end

-- Of the visitor, then of staff (spec §5.10). list: places by slot from 0; at: what stands in a<slot>, from 1; left: v,
-- that the visitor has left quickly.
-- uses: isThere
local function presenceOf(list, at, count, claimer, left)
  local staff = 0
  local claimed = claimer > 0 and list[claimer].closed == 0
  for s = 1, count - 1 do
    if isThere(at[s + 1]) and list[s].closed == 0 and (not claimed or s == claimer) then staff = 1 end
  end
  return left and 2 or isThere(at[1]) and 1 or 0, staff
end

-- uses: places, presenceOf
local function presence()
  local state = redis.call('HMGET', box, 'n', 'l', 'v')
  local count, names = tonumber(state[1]), {}
  for s = 0, count - 1 do names[s + 1] = 'a' .. s end
  return presenceOf(places(count), redis.call('HMGET', box, unpack(names)), count, tonumber(state[2] or 0), state[3])
end

-- uses: presence
local function announcePresence(mailbox, incarnation)
  local visitor, staff = presence()
  redis.call('PUBLISH', channel, 'p' .. mailbox .. incarnation .. visitor .. staff)
end

-- A connection has attached a slot: it holds the slot, and is there.
local function arrive(slot, holder)
  redis.call('HSET', box, 'a' .. slot, holder .. '+')
  if slot == 0 then redis.call('HDEL', box, 'v') end
end

local function live(retention)
  redis.call('EXPIRE', box, retention)
  redis.call('EXPIRE', entries, retention)
  redis.call('EXPIRE', welcomes, retention)
end

-- For how many milliseconds after it was renewed a life is not renewed again: a minute, or a 64th of the retention
-- where that is less.
local function lull(retention) return math.min(60000, 1000 * retention / 64) end

-- How many of them are left; none where it is to be renewed.
-- uses: lull
local function fresh(retention) return redis.call('PTTL', box) - 1000 * retention + lull(retention) end

-- Leaves a note in the outbox and returns it: time kommun since retention, then a mark and id for each device.
-- uses: outlive
local function note(now, mailbox, kommun, since, retention, devices)
  local text = table.concat({now, kommun, since, retention, devices}, ' ')
  redis.call('HSET', outbox, mailbox, text)
  outlive(outbox, retention)
  return text
end

-- z: number of the escalation, the step that the timer stands for, and what is told of the alarm (spec §5.11). Step -1
-- is the one with which the escalation of an unclaimed conversation begins. An opening leaves it out.
local function escalationOf(v)
  local escalation, step, told = string.match(v or '0 -1 0', '^(%d+) (-?%d+) (%d)$')
  return tonumber(escalation), tonumber(step), tonumber(told)
end

-- uses: escalationOf
local function currentEscalation() return escalationOf(redis.call('HGET', box, 'z')) end

local function setEscalation(mailbox, incarnation, escalation, step, told, before)
  redis.call('HSET', box, 'z', string.format('%d %d %d', escalation, step, told))
  if told ~= before then redis.call('PUBLISH', channel, 'z' .. mailbox .. incarnation .. told) end
end

-- a new escalation, whose step is due then. What is still being called for the one before is not called again.
-- uses: currentEscalation, outlive, setEscalation
local function arm(mailbox, incarnation, due, step, told, retention)
  local escalation, _, before = currentEscalation()
  setEscalation(mailbox, incarnation, escalation + 1, step, told or before, before)
  redis.call('ZADD', timers, due, mailbox)
  outlive(timers, retention)
end

-- uses: currentEscalation, setEscalation
local function disarm(mailbox, incarnation)
  if redis.call('ZREM', timers, mailbox) == 0 then return end
  local escalation, _, before = currentEscalation()
  setEscalation(mailbox, incarnation, escalation + 1, 0, 0, before)
end

-- Puts entries from `after` to `last` behind an answer, as many as fit; `first` is the oldest that is kept.
local function addEntries(answer, first, after, last, most, maxBytes)
  local from, bytes = after + 1 - first, 0
  for _, text in ipairs(redis.call('LRANGE', entries, from, math.min(last - first, from + most - 1))) do
    if bytes > 0 and bytes + #text > maxBytes then break end
    bytes = bytes + #text
    answer[#answer + 1] = text
  end
  return answer
end
