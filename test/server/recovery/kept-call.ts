import type { KeptCall } from '../../../server/calls/kept-call.ts'
import type { ObservedCall } from '../../../server/calls/observed-call.ts'

/** A call with what each kept call has, its id and a text. */
export function keptCall(id: string, text = 'x'): KeptCall & { text: string } {
  const place = { node: 'one', project: 'hotel', environment: 'live', release: 1, version: 1, trunk: 'local' }
  const source = { transport: 'udp', address: '127.0.0.1', port: 5060 }
  const call = { id, ...place, isSecure: false, state: 'connected', startedAt: 0, text }

  return { ...call, invite: { bytes: '', source }, legs: { caller: {} } } as unknown as KeptCall & { text: string }
}

/** A call that keeps its id and a text, which a test may change. */
export function observedCall(id: string, text = 'x'): ObservedCall & { text: string } {
  const call = { id, text, keep: () => keptCall(id, call.text) }

  return call as unknown as ObservedCall & { text: string }
}
