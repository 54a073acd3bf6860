import type { Clock } from '../transaction/clock.ts'
import { type Endpoint, familyOf } from './endpoint.ts'
import type { TransportSettings } from './settings.ts'

/** How long the system may take to hear that nobody is there, in milliseconds. */
const patience = 200

interface Knocker {
  readonly clock: Clock
  readonly settings: Pick<TransportSettings, 'createSocket'>
}

/**
 * Asks whether anybody listens at a UDP address. Linux tells of ICMP "port unreachable" to connected sockets alone, so one
 * is connected for the purpose and sends a keep-alive (RFC 5626 3.5.1), which every SIP peer passes over. Silence says nothing.
 */
export function knock(remote: Endpoint, { clock, settings }: Knocker, refused: (error: Error) => void): void {
  const socket = settings.createSocket(familyOf(remote.address) === 6 ? 'udp6' : 'udp4')
  // It must not keep a process up that has nothing else to do.
  socket.unref()
  const timer = clock.after(patience, () => {
    socket.close()
  })
  socket.once('error', (error) => {
    timer.cancel()
    socket.close()
    refused(error)
  })
  socket.connect(remote.port, remote.address, () => {
    socket.send('\r\n\r\n')
  })
}
