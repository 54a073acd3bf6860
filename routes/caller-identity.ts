/** Who the destination of an INVITE sees: From, P-Asserted-Identity, Diversion, History-Info and Privacy by a handoff's policy. */
import type { CallerIdPolicy } from './schema.ts'
import { isE164 } from './uri.ts'

/** What is known of the caller's identity. */
export interface CallerIdentity {
  /** The caller's From: a name-addr without tag. */
  from: string
  /** The number that was called. */
  dialled: string | undefined
  /** All values of a header of the caller's INVITE. */
  inbound: (name: string) => readonly string[]
  /** `host[:port]` for URIs that are made of a number. */
  host: string
}

export interface PresentedIdentity {
  /** From: a name-addr without tag. */
  from: string
  headers: readonly (readonly [name: string, value: string])[]
}

const policies = [
  ['P-Asserted-Identity', 'p_asserted_identity'],
  ['Diversion', 'diversion'],
  ['History-Info', 'history_info'],
] as const

/** What a policy makes of the caller's identity. What it does not mention is passed on as it is. */
export function presentIdentity(policy: CallerIdPolicy, caller: CallerIdentity): PresentedIdentity {
  const headers: [string, string][] = []
  for (const [header, field] of policies) {
    const values = identities(policy[field] ?? 'as_is', header, caller)
    headers.push(...values.map((value): [string, string] => [header, value]))
  }
  const privacy = policy.privacy ?? 'as_is'
  if (privacy === 'as_is')
    headers.push(...caller.inbound('Privacy').map((value): [string, string] => ['Privacy', value]))
  else if (privacy !== 'none') headers.push(['Privacy', privacy])

  const from = policy.from ?? 'as_is'

  return { from: from === 'as_is' ? caller.from : (nameAddr(from, caller) ?? caller.from), headers }
}

function identities(policy: string, header: string, caller: CallerIdentity): readonly string[] {
  if (policy === 'none') return []
  if (policy === 'as_is') return caller.inbound(header)
  const made = nameAddr(policy, caller)

  return made === undefined ? [] : [made]
}

/** `dialled`, a number or a URI as a name-addr; undefined when nothing was dialled. */
function nameAddr(policy: string, { dialled, host }: CallerIdentity): string | undefined {
  const value = policy === 'dialled' ? dialled : policy
  if (value === undefined || value === '') return undefined

  return isE164(value) ? `<sip:${value}@${host};user=phone>` : `<${value}>`
}
