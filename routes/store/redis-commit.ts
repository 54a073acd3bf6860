/** The one script that changes a project in Redis, and how it reads a revision. */

/**
 * Compare and set: nothing is written unless the revision is the expected one and no other version has the number. A script that
 * fails half-way leaves what it has written, so nothing in it may fail: a key of another type is looked at first.
 *
 * KEYS: revision, record, history, and each version. ARGV: expected and new revision, record, line of history, how many of
 * them are kept, and each version.
 */
export const commitScript = `
local revision = redis.call('MGET', KEYS[1])[1] or ''
if #revision > 15 or not string.match(revision, '^%d+$') then revision = '0' end
if tonumber(revision) ~= tonumber(ARGV[1]) then return 0 end
for i = 4, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 and redis.call('MGET', KEYS[i])[1] ~= ARGV[i + 2] then return 0 end
end
if redis.call('TYPE', KEYS[3]).ok ~= 'list' then redis.call('DEL', KEYS[3]) end
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 2]) end
redis.call('SET', KEYS[2], ARGV[3])
redis.call('LPUSH', KEYS[3], ARGV[4])
redis.call('LTRIM', KEYS[3], 0, tonumber(ARGV[5]) - 1)
redis.call('SET', KEYS[1], ARGV[2])
return 1`

/** 0 when there is none, or when what is there is none: as the script sees it. */
export function revisionOf(text: string | null | undefined): number {
  return text != null && /^\d{1,15}$/.test(text) ? Number(text) : 0
}
