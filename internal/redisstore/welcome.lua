-- The Welcome that opened a device's newest slot.
local kommun, wanted = ARGV[1], ARGV[2]
local state = redis.call('HMGET', box, 'k', 'n')
if not state[1] then return absent() end
if state[1] ~= kommun then return {7, 0} end
local list = places(tonumber(state[2]))
for s = tonumber(state[2]) - 1, 1, -1 do
  local p = list[s]
  if p.device == wanted then
    if p.closed > 0 then return {19, p.closed} end
    return {0, redis.call('HGET', welcomes, p.opened) or ''}
  end
end
return {7, 0}
