-- Appends an entry, in the order of spec §5.3.
local channel, mailbox, incarnation, slot, counter = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local holder, digest, earlyEntries, earlyBytes = ARGV[22], ARGV[23], tonumber(ARGV[24]), tonumber(ARGV[25])
local claimedDue, heldDue = ARGV[26], ARGV[27]
local badMessage, badMessageDetail, badPolicy, badPolicyDetail = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local epoch, commit, tag, due, now = tonumber(ARGV[10]), ARGV[11] == '1', ARGV[12], ARGV[13], ARGV[14]
local opens, closes, welcome, message = ARGV[15], ARGV[16], ARGV[17], ARGV[18]
local mostEntries, mostBytes, mostSlots = tonumber(ARGV[19]), tonumber(ARGV[20]), tonumber(ARGV[21])

-- Every call from a script costs: what an ordinary message needs is read in one and written in one.
local state = redis.call('HMGET', box, 'i', 'k', 'o', 'r', 'e', 'h', 'b', 'n', 'l', 'd' .. slot, 'a' .. slot, 'c' .. slot, 't')
if not state[1] then return absent() end
if state[1] ~= incarnation then return {8, 0} end
local kommun, since, retention = state[2], state[3], state[4]
local current, head, bytes, count = tonumber(state[5]), tonumber(state[6]), tonumber(state[7]), tonumber(state[8])

if not state[10] then return {7, 0} end
local opened, closed = span(slot, state[10])
if closed > 0 then return {19, closed} end
if not holdsOf(state[11], holder) then return {7, 0} end
local lastTag, lastCounter, lastSeq, acked, lastDigest = progressOf(state[12], opened)
if counter == lastCounter and counter > 0 then
  if digest ~= lastDigest then return {22, 0} end
  return {0, lastSeq, lastTag, ''}
end
if counter < lastCounter then return {12, 0} end
if counter ~= lastCounter + 1 then return {11, lastCounter + 1} end
if badMessage > 0 then return {badMessage, badMessageDetail} end
if epoch ~= current then return {10, current} end
if badPolicy > 0 then return {badPolicy, badPolicyDetail} end

local claiming = false
if slot > 0 then
  local taken, others = rivals(slot, tonumber(state[9] or 0), count)
  claiming = commit and others - #closes / 16 <= 1
  if taken or others > 0 and not claiming then return {14, 0} end
end

-- Which slots this entry closes and opens; nothing is written before all is known to be allowed.
local changes = #opens + #closes > 0
local list, closing, adding = nil, {}, {}
if changes then
  list = places(count)
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
  if count + #adding > mostSlots then return {2, mostSlots} end
end
-- Slot 0 has counted every entry: no device has appended.
if slot == 0 and head == lastCounter and (head >= earlyEntries or bytes + #message > earlyBytes) then return {16, 0} end
-- No more are kept than there ever were.
if head >= mostEntries and redis.call('LLEN', entries) >= mostEntries or bytes + #message > mostBytes then return {16, 0} end

local seq = head + 1
local stored = entry(tag, seq, slot, counter, message)
redis.call('RPUSH', entries, stored)
redis.call('HSET', box, 'h', seq, 't', tag, 'b', bytes + #message, 'e', commit and current + 1 or current,
  'c' .. slot, progressText(tag, digest, counter, seq, acked))
if claiming then redis.call('HSET', box, 'l', slot) end

local closedSlots, text = '', ''
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
  if #adding > 0 then
    redis.call('HSET', box, 'n', count + #adding)
    redis.call('HSET', welcomes, seq, tag .. welcome)
  end
  text = note(now, mailbox, kommun, since, retention, table.concat(marks))
end

redis.call('EXPIRE', box, retention)
redis.call('EXPIRE', entries, retention)
redis.call('EXPIRE', welcomes, retention)
announce(channel, mailbox, incarnation, state[13], closedSlots, stored)
if changes or claiming then announcePresence(channel, mailbox, incarnation) end

local set = redis.call('ZSCORE', timers, mailbox)
if set then outlive(timers, retention) end
local claimer = tonumber(state[9] or 0)
-- A visitor's message while a timer is set moves nothing unless it lets colleagues in: no more is read for it.
if slot == 0 and (not set or #adding > 0) then
  -- Colleagues who are let in are called as for an opening, whatever the one before them was waited for.
  local claimed = #adding == 0 and claimer > 0
  if claimed then
    local _, closedAt = span(claimer, redis.call('HGET', box, 'd' .. claimer))
    claimed = closedAt == 0
  end
  local wanted = claimed and claimedDue or due
  if not set or tonumber(set) > tonumber(wanted) then
    arm(channel, mailbox, incarnation, wanted, claimed and 0 or -1, nil, retention)
  end
elseif claiming and claimer ~= slot and set then
  arm(channel, mailbox, incarnation, heldDue, 0, 1, retention)
end
return {0, seq, tag, text}
