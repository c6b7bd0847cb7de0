-- Finds the reader's slot and checks its cursor (spec §5.4).
local channel, mailbox, kommuner, hash, wanted = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local incarnation, seq, tag, holder = ARGV[6], tonumber(ARGV[7]), ARGV[8], ARGV[9]

local state = redis.call('HMGET', box, 'i', 'k', 'p', 'h', 't', 'e', 'n')
if not state[1] then return absent() end
if not string.find(kommuner, ' ' .. state[2] .. ' ', 1, true) then return {7, 0} end
local head, headTag = tonumber(state[4]), state[5]

local slot = nil
if #hash > 0 then
  if state[3] == hash then slot = 0 end
else
  -- A device that was closed and opened again has several; the newest is its own.
  local list = places(tonumber(state[7]))
  for s = tonumber(state[7]) - 1, 1, -1 do
    if list[s].device == wanted then slot = s break end
  end
end
if not slot then return {7, 0} end
local device, opened, closed, fence = place(slot)

local first = head - kept() + 1
if incarnation ~= string.rep('\0', 16) or seq > 0 or tag ~= string.rep('\0', 8) then
  if not stands(state[1], head, headTag, incarnation, seq, tag) then return {8, 0} end
end
local after = math.max(seq, opened)
if closed > 0 and (after >= closed or after + 1 < first) then return {19, closed} end
if after + 1 < first then return {9, first} end

setPlace(slot, device, opened, closed, fence + 1)
arrive(slot, holder)
redis.call('PUBLISH', channel, 'a' .. mailbox .. state[1] .. string.format('%d %d ', slot, fence + 1) .. holder)
announcePresence(channel, mailbox, state[1])
local _, counter = progress(slot, opened)
return {0, state[1], slot, head, headTag, tonumber(state[6]), counter, after, fence + 1, state[2]}
