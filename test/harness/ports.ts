import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { until } from './until.ts'

// Test files run side by side in mocha's workers, each with ports of its own; all are below the kernel's ephemeral range.
const workers = 8
const share = 2250
const maxTries = 2 * share
const first = 12_000 + (Number(process.env.MOCHA_WORKER_ID ?? 0) % workers) * share
// Ports are given in turn, so that one comes again as late as it can; two processes with one share begin at different places.
let next = Math.floor(Math.random() * share)

/** A port that is free on UDP and TCP, for a program that wants to be told one; `inARow`: the first of so many. */
export async function freePort(address = '127.0.0.1', inARow = 1): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    if (next + inARow > share) next = 0
    const port = first + next
    next += inARow
    const ports = Array.from({ length: inARow }, (_, index) => port + index)
    if ((await Promise.all(ports.map((each) => isFree(address, each)))).every(Boolean)) return port
  }
  throw new Error(`there are no ${inARow} free ports in a row from ${first} to ${first + share - 1}`)
}

async function isFree(address: string, port: number): Promise<boolean> {
  const udp = createSocket('udp4')
  const tcp = createServer()
  try {
    udp.bind(port, address)
    await once(udp, 'listening')
    tcp.listen(port, address)
    await once(tcp, 'listening')
    return true
  } catch {
    return false
  } finally {
    await new Promise<void>((resolve) => udp.close(resolve)).catch(() => undefined)
    if (tcp.listening) await new Promise((resolve) => tcp.close(resolve))
  }
}

/** Resolves when a program listens on that port; rejects after ten seconds, or as `ended` does. */
export async function listening(transport: 'udp' | 'tcp', port: number, ended: Promise<never>): Promise<void> {
  let reason: Error | undefined
  ended.catch((error: unknown) => (reason = error as Error))
  // /proc/net: local_address is hex address:port; a TCP listener is in state 0A.
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const line = transport === 'udp' ? new RegExp(`:${hex} `) : new RegExp(`:${hex} [0-9A-F]+:0000 0A`)
  const check = (): boolean => line.test(readFileSync(`/proc/net/${transport}`, 'utf8')) || reason !== undefined
  await until(`a program listens on ${transport} port ${port}`, check, 10)
  if (reason !== undefined) throw reason
}
