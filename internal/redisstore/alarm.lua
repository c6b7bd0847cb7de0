-- uses: currentEscalation, places
-- What a node needs to know to take a step. Nothing where the mailbox is gone, with which its timer and its calls go.
local mailbox, call = ARGV[1], ARGV[2]
local state = redis.call('HMGET', box, 'k', 'o', 'n', 'i', 'l')
if not state[1] then
  redis.call('ZREM', timers, mailbox)
  if call ~= '' then redis.call('ZREM', calls, call) end
  return {0, ''}
end
local marks, claimer = {}, ''
for slot, p in pairs(places(tonumber(state[3]))) do
  if slot > 0 and p.closed == 0 then
    marks[#marks + 1] = '+' .. p.device
    if slot == tonumber(state[5] or 0) then claimer = p.device end
  end
end
local escalation, step, told = currentEscalation()
local left = redis.call('TTL', box)
return {0, table.concat({0, state[1], state[2], left, table.concat(marks)}, ' '), state[4], escalation, step, told, claimer}
