/** What known receivers accept: where headers go, the form of User-to-User, size limits. docs/profiles.md names the sources. */
import type { HeaderPlace, ReceiverProfileName, UserToUserForm } from '../schema/project-file.ts'

/** How many headers of a transfer a peer accepts, and of which size. Bytes are those of `Name: value`. */
export interface HeaderLimits {
  count?: number | undefined
  bytesEach?: number | undefined
  bytesTotal?: number | undefined
}

export interface ReceiverProfile {
  headersIn: HeaderPlace
  userToUser: UserToUserForm
  limits: HeaderLimits
  /** The header that the id of a context goes along in; `X-Baton-Context` when left out. */
  contextHeader?: string
  /** Why the receiver ignores a header of this name, or undefined when it reads it. */
  refuses: (lowerName: string) => string | undefined
  /** What lint says of a handoff by REFER, or to a `sips:` URI. */
  advice: { refer?: string; sips?: string }
}

const takesAny = (): undefined => undefined
const startsWith = (name: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => name.startsWith(prefix))
const genesysOwn = ['x-inin', 'x-genesys', 'x-pcv', 'x-gcv']
const twilioTakes = ['user-to-user', 'remote-party-id', 'p-preferred-identity', 'p-called-party-id']

export const profiles: Readonly<Record<ReceiverProfileName, ReceiverProfile>> = {
  genesys: {
    headersIn: 'refer_to',
    userToUser: 'genesys',
    limits: {},
    refuses: (name) => (startsWith(name, genesysOwn) ? 'Genesys Cloud uses names that begin so itself' : undefined),
    advice: {},
  },
  avaya: {
    headersIn: 'refer_to',
    userToUser: 'avaya',
    limits: {},
    contextHeader: 'User-to-User',
    refuses: takesAny,
    advice: {},
  },
  five9: {
    headersIn: 'request',
    userToUser: 'text',
    limits: { count: 10 },
    refuses: (name) => (name.startsWith('x-') ? undefined : 'Five9 reads X- headers only'),
    advice: {
      refer: 'Five9 takes no REFER: it reads X- headers of the BYE that gives the call back; choose method bye',
    },
  },
  nice: {
    headersIn: 'request',
    userToUser: 'text',
    limits: {},
    refuses: (name) => (name.startsWith('x-') ? undefined : 'NICE CXone reads X- headers only'),
    advice: {},
  },
  twilio: {
    headersIn: 'refer_to',
    userToUser: 'text',
    limits: { bytesTotal: 1023 },
    refuses: (name) =>
      name.startsWith('x-') || twilioTakes.includes(name)
        ? undefined
        : `Twilio takes x- headers and ${twilioTakes.join(', ')}`,
    advice: {},
  },
  teams: {
    headersIn: 'request',
    userToUser: 'text',
    limits: { count: 5, bytesEach: 64 + 2 + 256 },
    contextHeader: 'X-MS-Custom-Baton-Context',
    refuses: (name) =>
      name.startsWith('x-ms-custom-') || name === 'user-to-user'
        ? undefined
        : 'Microsoft reads X-MS-Custom- headers and User-to-User',
    advice: { sips: 'Direct Routing takes no sips: URIs; write sip: with ;transport=tls' },
  },
}

/** The header that carries the id of a context to a receiver. */
export function contextHeaderOf(profile: ReceiverProfileName | undefined): string {
  return (profile && profiles[profile].contextHeader) ?? 'X-Baton-Context'
}

/** The lower of each limit. */
export function tighter(a: HeaderLimits, b: HeaderLimits): HeaderLimits {
  const least = (x = Infinity, y = Infinity): number | undefined => {
    const limit = Math.min(x, y)

    return limit === Infinity ? undefined : limit
  }

  return {
    count: least(a.count, b.count),
    bytesEach: least(a.bytesEach, b.bytesEach),
    bytesTotal: least(a.bytesTotal, b.bytesTotal),
  }
}
