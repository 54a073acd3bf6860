import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'

import type { Baton } from '../harness/baton.ts'
import { onLadder } from './moments.ts'

/** Sends, from another address than the caller's, a NOTIFY of its dialog that says the REFER succeeded. Returns the answer. */
export async function notifyFrom(address: string, baton: Baton, id: string): Promise<string> {
  const { text } = await onLadder(
    baton,
    id,
    (message) => message.direction === 'in' && /^SIP\/2.0 202 /.test(message.text),
  )
  const header = (name: string): string => new RegExp(`^${name}: *(.*)\r$`, 'im').exec(text)?.[1] ?? ''

  return exchange(address, baton, [
    `NOTIFY sip:${baton.sip()} SIP/2.0`,
    // The 202 to our REFER has the caller in To.
    `From: ${header('To')}`,
    `To: ${header('From')}`,
    `Call-ID: ${header('Call-ID')}`,
    'CSeq: 77 NOTIFY',
    'Event: refer',
    'Subscription-State: terminated;reason=noresource',
    'Content-Type: message/sipfrag;version=2.0',
    'Content-Length: 16',
    '',
    'SIP/2.0 200 OK\r\n',
  ])
}

/** Sends one request from an address of its own, and resolves with the final response; rejects when none comes in time. */
export async function exchange(
  address: string,
  baton: Baton,
  [startLine = '', ...rest]: string[],
  seconds = 10,
): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.bind(0, address)
    await once(socket, 'listening')
    const via = `Via: SIP/2.0/UDP ${address}:${socket.address().port};branch=z9hG4bK-single-${Date.now()};rport`
    const [host, port] = baton.sip().split(':')
    socket.send([startLine, via, 'Max-Forwards: 70', ...rest].join('\r\n'), Number(port), host)
    const signal = AbortSignal.timeout(seconds * 1000)
    for await (const [message] of on(socket, 'message', { signal }) as AsyncIterable<[Buffer]>) {
      if (!message.toString().startsWith('SIP/2.0 1')) return message.toString()
    }
    throw new Error('the socket is closed')
  } finally {
    socket.close()
  }
}
