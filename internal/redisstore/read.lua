-- uses: absent, addEntries, currentEscalation, headOf, kept, place, presence, stands
-- Entries after a place, up to the one that closed the slot, as many as fit (spec §5.4).
local incarnation, slot, after, tag, most, maxBytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

local state = redis.call('HMGET', box, 'i', 'h')
if not state[1] then return absent() end
if state[1] ~= incarnation then return {8, 0} end
local device, opened, closed = place(slot)
if not device then return {7, 0} end

local headTag, head = headOf(state[2])
-- The reader has had more than there is, or something else: the store was set back. Zeros are a tag that nobody knows.
local known = tag ~= string.rep('\0', 8)
if after > head or known and not stands(state[1], head, headTag, incarnation, after, tag) then return {8, 0} end
local first = head - kept() + 1
local last = closed > 0 and closed or head
local visitor, staff = presence()
local _, _, told = currentEscalation()
local answer = {0, head, closed, visitor, staff, told}
if after >= last then return answer end
if after + 1 < first then return closed > 0 and {19, closed} or {9, first} end
return addEntries(answer, first, after, last, most, maxBytes)
