-- uses: absent, arm, holds, place
-- A person at a device will answer: the escalation is held, and begins anew at `due` (spec §5.11).
local mailbox, life, slot, holder, due = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local state = redis.call('HMGET', box, 'i', 'r')
if not state[1] then return absent() end
if state[1] ~= life then return {8, 0} end
local device, _, closed = place(slot)
if not device or not holds(slot, holder) then return {7, 0} end
if closed > 0 then return {19, closed} end
if redis.call('ZSCORE', timers, mailbox) then arm(mailbox, life, due, 0, 1, state[2]) end
return {0}
