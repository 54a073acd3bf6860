import { headerNameProblem, headerValueProblem, type PinnedTable } from '../../routes/index.ts'
import type { HeadersToSend, SipAddress } from '../sip/stack.ts'
import { TrialRefused } from './trial.ts'
import type { Trunk } from '../../config/index.ts'

/** Who calls when nobody says; a number that is kept free for stories. */
const anybody = '+14155550123'

/** From, for the number or name that seems to call. */
export function callerFrom(caller = anybody): string {
  // RFC 3261 25.1: what a user part may hold as it is; all else is percent-encoded.
  const user = encodeURIComponent(Buffer.from(caller).toString()).replaceAll('%2B', '+')

  return `"Rehearsal" <sip:${user}@localhost>`
}

/** Headers for the caller's INVITE. @throws RehearsalRefused naming the header that cannot be sent */
export function checkedHeaders(headers: Readonly<Record<string, string>> = {}): HeadersToSend {
  const list = Object.entries(headers)
  for (const [name, value] of list) {
    const mistake = headerNameProblem(name) ?? headerValueProblem(value)
    if (mistake) {
      const pointer = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      throw new TrialRefused('invalid', `${pointer}: ${mistake.problem}; ${mistake.hint}.`, pointer)
    }
  }

  return list
}

/** What is rehearsed, every choice made. */
export interface Script {
  handoff: string
  /** The handoff that is to take the call: another one where the first is closed. */
  expected: string
  pinned: PinnedTable
  /** The moment that schedules and rules see, in milliseconds since the epoch; now when left out. */
  at: number | undefined
  /** The environment's number, which the caller calls. */
  number: string
  /** From: a name-addr. */
  from: string
  headers: HeadersToSend
  destination: 'synthetic' | 'real'
  /** Where Baton listens, as it is reached from this machine. */
  baton: SipAddress
  /** The address and transport that the parties listen on. */
  parties: Pick<SipAddress, 'address' | 'transport'>
  trunk: Trunk
  /** Seconds until the rehearsal is broken off. */
  limit: number
}

const wildcards = new Set(['0.0.0.0', '::'])

/**
 * Where a program on this machine reaches Baton: UDP when it listens on that. Undefined when it does not listen.
 * @param addresses as others see them, with real ports
 * @param listen what Baton was told to listen on, in the same order; it may be known to others by another address
 */
export function reachable(
  addresses: readonly SipAddress[],
  listen: readonly Pick<SipAddress, 'address'>[] = [],
): SipAddress | undefined {
  const own = addresses.map((known, at) => ({ ...known, ...listen[at], port: known.port }))
  const address = own.find(({ transport }) => transport === 'udp') ?? own[0]
  if (!address || !wildcards.has(address.address)) return address

  return { ...address, address: address.address === '::' ? '::1' : '127.0.0.1' }
}
