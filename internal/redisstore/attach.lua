-- uses: absent, addEntries, escalationOf, headOf, kept, placeText, presenceOf, progress, span, stands
-- Finds the reader's slot, checks its cursor, and reads the first entries after it (spec §5.4). Thousands come at once
-- after a node has died: what everybody needs is read in two calls and written in one.
local mailbox, kommuner, hash, wanted = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local incarnation, seq, tag, holder = ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8]
local most, maxBytes = tonumber(ARGV[9]), tonumber(ARGV[10])

local state = redis.call('HMGET', box, 'i', 'k', 'p', 'h', 'n', 'l', 'v', 'z')
if not state[1] then return absent() end
if not string.find(kommuner, ' ' .. state[2] .. ' ', 1, true) then return {7, 0} end
local headTag, head, _, epoch = headOf(state[4])
local count, claimer, left = tonumber(state[5]), tonumber(state[6] or 0), state[7]

-- A device that was closed and opened again has several slots; the newest is its own.
local slot = #hash > 0 and state[3] == hash and 0 or nil
local names, list, at = {}, {}, {}
for s = 0, count - 1 do
  names[s + 1], names[count + s + 1] = 'd' .. s, 'a' .. s
end
local all = redis.call('HMGET', box, unpack(names))
for s = 0, count - 1 do
  local opened, closed, fence = span(s, all[s + 1])
  list[s], at[s + 1] = {opened = opened, closed = closed, fence = fence}, all[count + s + 1]
  if s > 0 and #hash == 0 and string.sub(all[s + 1], 1, 8) == wanted then slot = s end
end
if not slot then return {7, 0} end
local own = list[slot]

if incarnation ~= string.rep('\0', 16) or seq > 0 or tag ~= string.rep('\0', 8) then
  if not stands(state[1], head, headTag, incarnation, seq, tag) then return {8, 0} end
end
local after, first = math.max(seq, own.opened), 0
if after < head then first = head - kept() + 1 end
if own.closed > 0 and (after >= own.closed or after + 1 < first) then return {19, own.closed} end
if after + 1 < first then return {9, first} end

-- The connection holds the slot from now on, and is there.
local visitorBefore, staffBefore = presenceOf(list, at, count, claimer, left)
own.fence, at[slot + 1] = own.fence + 1, holder .. '+'
redis.call('HSET', box, 'a' .. slot, at[slot + 1], 'd' .. slot, placeText(slot == 0 and '' or wanted, own.opened, own.closed, own.fence))
if slot == 0 and left then
  redis.call('HDEL', box, 'v')
  left = false
end
redis.call('PUBLISH', channel, 'a' .. mailbox .. state[1] .. string.format('%d %d ', slot, own.fence) .. holder)
local visitor, staff = presenceOf(list, at, count, claimer, left)
-- After a node has died the mark of who was there still stands, and for everybody else nothing changes.
if visitor ~= visitorBefore or staff ~= staffBefore then redis.call('PUBLISH', channel, 'p' .. mailbox .. state[1] .. visitor .. staff) end

local _, counter = progress(slot)
local _, _, told = escalationOf(state[8])
local answer = {0, state[1], slot, head, headTag, epoch, counter, after, own.fence, state[2], own.closed, visitor, staff, told}
local last = own.closed > 0 and own.closed or head
if after >= last then return answer end
return addEntries(answer, first, after, last, most, maxBytes)
