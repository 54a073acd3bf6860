import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A UDP port of 127.0.0.1 that is free. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()

  return port
}

/** Resolves when a program listens on a UDP port of this machine; rejects after ten seconds or when `ended` says so. */
export async function listening(port: number, ended: () => string | undefined): Promise<void> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  for (let tries = 0; tries < 500; tries++) {
    if (readFileSync('/proc/net/udp', 'utf8').includes(wanted)) return
    const reason = ended()
    if (reason !== undefined) throw new Error(reason)
    await delay(20)
  }
  throw new Error(`Nothing listens on UDP port ${port} after ten seconds.`)
}
