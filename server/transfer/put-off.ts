import type { IncomingRequest } from '../sip/stack.ts'

/** A destination that has not been put through yet: its own wishes wait until it has. */
export function putOff(incoming: IncomingRequest): void {
  const { method } = incoming.request
  if (method === 'OPTIONS' || method === 'INFO') incoming.respond(200)
  else incoming.respond(500, { headers: [['Retry-After', '1']] })
}
