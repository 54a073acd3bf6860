/** A number from 0 to 100 for a key: always the same for one key, and spread evenly over all keys. */
export function percentileOf(key: string, salt = ''): number {
  // FNV-1a with a final mix, so that phone numbers that differ in their last digit are far apart.
  let hash = 0x811c9dc5
  for (const text of [salt, '\0', key]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)

  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100
}
