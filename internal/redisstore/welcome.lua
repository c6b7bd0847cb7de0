-- uses: absent, places
-- The Welcome that opened a device's newest slot, and the entry that did (spec §3.2).
local kommuner, wanted = ARGV[1], ARGV[2]
local state = redis.call('HMGET', box, 'k', 'n', 'i')
if not state[1] then return absent() end
if not string.find(kommuner, ' ' .. state[1] .. ' ', 1, true) then return {7, 0} end
local list = places(tonumber(state[2]))
for s = tonumber(state[2]) - 1, 1, -1 do
  local p = list[s]
  if p.device == wanted then
    if p.closed > 0 then return {19, p.closed} end
    local stored = redis.call('HGET', welcomes, p.opened)
    if not stored then return {5, 0} end
    local life = p.opened > 0 and state[3] or string.rep('\0', 16)
    return {0, life, p.opened, string.sub(stored, 1, 8), string.sub(stored, 9)}
  end
end
return {7, 0}
