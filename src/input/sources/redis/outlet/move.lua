-- Moves one entry in one step: adds it to its target, acknowledges and deletes it where it lay.
-- KEYS: target, source. ARGV: the entry's id, the group that has it pending or '', how often it was delivered,
-- then the fields to add. Answers are lists of a word and what belongs to it.
local target, source = KEYS[1], KEYS[2]
local id, group, deliveries = ARGV[1], ARGV[2], ARGV[3]
-- Before Redis 7 a script must say that its effects are to be replicated and not itself.
if redis.replicate_commands then redis.replicate_commands() end
if #redis.call('XRANGE', source, id, id) == 0 then return {'gone', ''} end
if group ~= '' then
  local pending = redis.call('XPENDING', source, group, id, id, 1)
  if #pending == 0 then return {'acknowledged', ''} end
  if tostring(pending[1][4]) ~= deliveries then return {'delivered', pending[1][2]} end
end
-- What the user may not do is found out before anything is done; since Redis 7.
if redis.acl_check_cmd then
  if not redis.acl_check_cmd('XDEL', source, id) then return {'refused', 'NOPERM no permission for XDEL'} end
  if group ~= '' and not redis.acl_check_cmd('XACK', source, group, id) then
    return {'refused', 'NOPERM no permission for XACK'}
  end
end
local added = redis.pcall('XADD', target, 'NOMKSTREAM', '*', unpack(ARGV, 4))
if not added then return {'nowhere', ''} end
if type(added) == 'table' then return {'refused', added.err} end
local undo = function(answer)
  redis.pcall('XDEL', target, added)
  return {'refused', answer.err}
end
local deleted = redis.pcall('XDEL', source, id)
if type(deleted) == 'table' then return undo(deleted) end
-- The entry is gone: an acknowledgement that fails leaves an id without an entry, which Redis itself clears away.
if group ~= '' then redis.pcall('XACK', source, group, id) end
return {'moved', added}
