-- uses: absent, arm, entryText, fresh, headOf, headText, holdsOf, kept, live, lull, outlive, progressOf, progressText
-- uses: refusalOf, rivals, span
-- {{{
-- uses: announcePresence, note, places, setPlace
-- }}}
-- Appends an entry, in the order of spec §5.3. What stands between {{{ and }}} is for commits alone: any other message
-- runs a script without it (link.go). The last four arguments are there where slots change.
local mailbox, incarnation, own, counter, holder = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local digest, tag, epoch, commit, message = ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9] == '1', ARGV[10]
local badMessage, badPolicy, dues = ARGV[11], ARGV[12], ARGV[13]
local opens, closes, welcome, now = ARGV[14] or '', ARGV[15] or '', ARGV[16], ARGV[17]
local slot = tonumber(own)

local state = redis.call('HMGET', box, 'i', 'h', 'r', 'f', 'n', 'l', 'd' .. own, 'a' .. own, 'c' .. own)
if not state[1] then return absent() end
if state[1] ~= incarnation then return {8, 0} end
-- Bytes that ever came, and how many of them are gone.
local before, head, sum, current = headOf(state[2])
local retention, gone = tonumber(state[3]), tonumber(state[4] or 0)

if not state[7] then return {7, 0} end
local _, closed = span(slot, state[7])
if closed > 0 then return {19, closed} end
if not holdsOf(state[8], holder) then return {7, 0} end
local lastTag, lastCounter, lastSeq, lastDigest = progressOf(state[9])
if counter == lastCounter and counter > 0 then
  if digest ~= lastDigest then return {22, 0} end
  return {0, lastSeq, lastTag, '', 0}
end
if counter < lastCounter then return {12, 0} end
if counter ~= lastCounter + 1 then return {11, lastCounter + 1} end
if badMessage ~= '' then return refusalOf(badMessage) end
if epoch ~= current then return {10, current} end
if badPolicy ~= '' then return refusalOf(badPolicy) end

local count, claimer, claiming = tonumber(state[5]), tonumber(state[6] or 0), false
if slot > 0 then
  local taken, others = rivals(slot, claimer, count)
  -- {{{
  claiming = commit and others - #closes / 16 <= 1
  -- }}}
  if taken or others > 0 and not claiming then return {14, 0} end
end

-- Which slots this entry closes and opens; nothing is written before all is known to be allowed.
local changes, added, closedSlots, text = false, 0, '', ''
-- {{{
local list, closing, adding
changes = #opens + #closes > 0
if changes then
  list, closing, adding = places(count), {}, {}
  local at = {}
  for s = 1, count - 1 do
    if list[s].closed == 0 then at[list[s].device] = s end
  end
  for i = 1, #closes, 16 do
    local s = at[string.sub(closes, i, i + 15)]
    if not s or closing[s] or s == slot then return {14, 0} end
    closing[s] = true
  end
  for i = 1, #opens, 16 do
    local d = string.sub(opens, i, i + 15)
    if at[d] then return {14, 0} end
    at[d] = -1
    adding[#adding + 1] = d
  end
  added = #adding
  if count + added > maxSlots then return {2, maxSlots} end
end
-- }}}

sum = sum + #message
-- Slot 0 has counted every entry: no device has appended.
local early = slot == 0 and head == lastCounter
if early and (head >= earlyEntries or sum - gone > earlyBytes) then return {16, 0} end
-- No more are kept than there ever were.
if head >= maxEntries and kept() >= maxEntries or sum - gone > maxBytes then return {16, 0} end

local seq = head + 1
local epochAfter = commit and current + 1 or current
redis.call('HSET', box, 'h', headText(tag, seq, sum, epochAfter), 'c' .. own, progressText(tag, digest, counter, seq))

-- {{{
if claiming then redis.call('HSET', box, 'l', slot) end
if changes then
  local marks, needed = {}, {}
  for s = 1, count - 1 do
    local p = list[s]
    if closing[s] then
      setPlace(s, p.device, p.opened, seq, p.fence)
      closedSlots = closedSlots .. ',' .. s
      marks[#marks + 1] = '-' .. p.device
    elseif p.closed == 0 then
      marks[#marks + 1] = '=' .. p.device
      needed[p.opened] = true
    end
  end
  for s in pairs(closing) do
    if not needed[list[s].opened] then redis.call('HDEL', welcomes, list[s].opened) end
  end
  for i, d in ipairs(adding) do
    local s = count + i - 1
    setPlace(s, d, seq, 0, 0)
    marks[#marks + 1] = '+' .. d
  end
  if added > 0 then
    redis.call('HSET', box, 'n', count + added)
    redis.call('HSET', welcomes, seq, tag .. welcome)
  end
  local origin = redis.call('HMGET', box, 'k', 'o')
  text = note(now, mailbox, origin[1], origin[2], retention, table.concat(marks))
end
-- }}}

local entry = entryText(mailbox, incarnation, before, tag, seq, slot, counter, sum, closedSlots, message)
local length = redis.call('RPUSH', entries, entry)
-- A list that was emptied begins without a time to live; so does what the last Welcome was deleted from.
local unaged = fresh(retention)
local renews = length == 1 or changes or unaged <= 0
if renews then
  live(retention)
  unaged = lull(retention)
end
redis.call('PUBLISH', channel, entry)
-- {{{
if changes or claiming then announcePresence(mailbox, incarnation) end
-- }}}

-- How far messages of this seat may follow by follow.lua, which judges nothing.
local answer = {0, seq, tag, text, 1, sum, epochAfter, early and earlyEntries or seq + maxEntries - length, gone + (early and earlyBytes or maxBytes), unaged}
if slot > 0 and not claiming and not renews then return answer end
local set = redis.call('ZSCORE', timers, mailbox)
if set and renews then outlive(timers, retention) end
-- A visitor's message while a timer is set moves nothing unless it lets colleagues in: no more is read for it.
if slot == 0 and (not set or added > 0) then
  -- Colleagues who are let in are called as for an opening, whatever the one before them was waited for.
  local claimed = added == 0 and claimer > 0
  if claimed then
    local _, closedAt = span(claimer, redis.call('HGET', box, 'd' .. claimer))
    claimed = closedAt == 0
  end
  local due, claimedDue = string.match(dues, '^(%d+) (%d+)')
  local wanted = claimed and claimedDue or due
  if not set or tonumber(set) > tonumber(wanted) then
    arm(mailbox, incarnation, wanted, claimed and 0 or -1, nil, retention)
  end
-- {{{
elseif claiming and claimer ~= slot and set then
  arm(mailbox, incarnation, string.match(dues, '%d+$'), 0, 1, retention)
-- }}}
end
return answer
