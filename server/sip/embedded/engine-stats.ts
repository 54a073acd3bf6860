import { readFileSync } from 'node:fs'
import { SocketAddress } from 'node:net'

import type { EngineStats } from '../../../metrics/index.ts'

/** The engine's reasons, which name headers and limits, as slugs for a metric's label. */
export function countedBySlug(reasons: ReadonlyMap<string, number>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [reason, count] of reasons) {
    const slug = slugOf(reason)
    counts.set(slug, (counts.get(slug) ?? 0) + count)
  }

  return counts
}

function slugOf(reason: string): string {
  // Unknown sources choose the names of headers.
  if (/ is longer than \d+ bytes$/.test(reason)) return 'header_too_long'
  const plain = /^Bad Request \((.*)\)$/.exec(reason)?.[1] ?? reason
  const words = plain.toLowerCase().match(/[a-z]+/g) ?? []

  return words.join('_').slice(0, 48)
}

interface LocalEndpoint {
  readonly address: string
  readonly port: number
}

/**
 * How many datagrams the kernel has dropped before they were read: those of these sockets, where it counts by socket
 * (`drops` in /proc/net/udp and udp6), else those of the host. Undefined where there is no such count.
 */
export function udpReceiveErrors(
  sockets: readonly LocalEndpoint[],
  read: (path: string) => string | undefined = readProc,
): EngineStats['udpReceiveErrors'] {
  const drops = ['/proc/net/udp', '/proc/net/udp6'].flatMap((path) => dropsOf(sockets, read(path) ?? ''))
  if (drops.length > 0) return { of: 'listeners', count: drops.reduce((sum, count) => sum + count) }
  const count = hostErrors(read('/proc/net/snmp') ?? '')

  return count === undefined ? undefined : { of: 'host', count }
}

/** A line for each socket: `sl: LOCALADDRESS:PORT … drops`, in hexadecimal but for the last. */
function dropsOf(sockets: readonly LocalEndpoint[], table: string): number[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ +/))
    .filter(([, local = '']) => {
      const [address = '', port = ''] = local.split(':')

      return sockets.some((socket) => socket.port === Number.parseInt(port, 16) && socket.address === textOf(address))
    })
    .map((fields) => Number(fields[12]))
    .filter((count) => Number.isInteger(count))
}

/** An address in words of 32 bits, in the byte order of the machine. */
function textOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  if (littleEndian) bytes.swap32()
  if (bytes.length === 4) return bytes.join('.')
  const groups = bytes.toString('hex').match(/.{4}/g) ?? []

  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Two lines that begin with `Udp:`, the names and their values. */
function hostErrors(snmp: string): number | undefined {
  const [names = [], values = []] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '))
  const count = Number(values[names.indexOf('InErrors')])

  return Number.isInteger(count) ? count : undefined
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
