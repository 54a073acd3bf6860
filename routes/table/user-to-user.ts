/** User-to-User (RFC 7433): a readable value in the form that the receiver takes. docs/profiles.md names the sources. */
import type { UserToUserForm } from '../project/schema.ts'

/** What does not fit, as bytes that are and that may be. */
export interface TooLong {
  bytes: number
  limit: number
}

const utf8 = new TextEncoder()

// Q.931 4.5.30: 04 says that IA5 characters follow, 00 that the rest has a structure of the users' own.
const ia5 = '04'
const userSpecific = '00'
// Avaya's shared UUI: an element C8, its length in one byte, and the data (96 bytes at most of the 128 of the whole).
const asaiData = 'C8'
const asaiLimit = 96

/** Octets of a whole User-to-User element (ITU-T Q.931 4.5.30), protocol discriminator included. */
const isdnLimit = 128

/**
 * The header's value: `genesys` 04<hex>;encoding=hex, `avaya` 00C8<length><hex>;encoding=hex, `cisco` <hex>;encoding=hex,
 * `text` a quoted string.
 */
export function userToUser(value: string, form: UserToUserForm): { value: string; tooLong?: TooLong } {
  const bytes = utf8.encode(value)
  const hex = Buffer.from(bytes).toString('hex').toUpperCase()

  switch (form) {
    case 'genesys':
      return { value: `${ia5}${hex};encoding=hex`, ...over(bytes.length, isdnLimit - 1) }
    case 'avaya': {
      const length = Math.min(bytes.length, 255).toString(16).toUpperCase().padStart(2, '0')
      return {
        value: `${userSpecific}${asaiData}${length}${hex.slice(0, 510)};encoding=hex`,
        ...over(bytes.length, asaiLimit),
      }
    }
    case 'cisco':
      return { value: `${hex};encoding=hex`, ...over(bytes.length, isdnLimit) }
    case 'text':
      return { value: `"${value.replace(/[\\"]/g, '\\$&')}"` }
  }
}

function over(bytes: number, limit: number): { tooLong?: TooLong } {
  return bytes > limit ? { tooLong: { bytes, limit } } : {}
}
