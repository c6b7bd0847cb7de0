-- uses: absent, disarm, headOf, holds, place, progress, stands
-- Removes the alarm timer where the visitor has written nothing after the cursor (spec §5.8).
local mailbox, life, slot, holder = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local incarnation, seq, tag = ARGV[5], tonumber(ARGV[6]), ARGV[7]

local state = redis.call('HMGET', box, 'i', 'h', 'l')
if not state[1] then return absent() end
local headTag, head = headOf(state[2])
if state[1] ~= life or not stands(state[1], head, headTag, incarnation, seq, tag) then return {8, 0} end
local device, opened, closed = place(slot)
if not device or not holds(slot, holder) then return {7, 0} end
if closed > 0 then return {19, closed} end
-- Whoever has not claimed could silence the alarm and leave it at that.
if tonumber(state[3] or 0) ~= slot then return {14, 0} end
local _, _, newest = progress(0)
if newest <= seq then disarm(mailbox, life) end
return {0}
