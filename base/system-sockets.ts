import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

/** A socket of this network namespace, as Linux lists it (proc(5), /proc/net/udp and /proc/net/tcp). */
export interface SystemSocket {
  /** The local address in hexadecimal digits, each word of 32 bits with its last octet first: `hexAddress`. */
  readonly address: string
  readonly port: number
  readonly inode: string
}

/** Address, port and inode of a socket; the state of a TCP socket that listens is 0A. */
const anyLine = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ [0-9A-F]{2} \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm
const listeningLine = /^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm

/**
 * The UDP sockets, or the TCP sockets that listen, of this network namespace. Undefined where the system does not say: only
 * Linux does.
 */
export function systemSockets(protocol: 'udp' | 'tcp'): SystemSocket[] | undefined {
  const lists = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`].map(read).filter((list) => list !== undefined)
  const line = protocol === 'tcp' ? listeningLine : anyLine
  const sockets = lists.flatMap((list) =>
    [...list.matchAll(line)].map(([, address = '', port = '', inode = '']) => ({
      ...{ address, port: Number.parseInt(port, 16), inode },
    })),
  )

  return lists.length === 0 ? undefined : sockets
}

/** Whether a program of this machine receives what is sent to this address and UDP port. Undefined where the system does not say. */
export function isUdpPortInUse(address: string, port: number): boolean | undefined {
  const wanted = hexAddress(address)

  // An IPv6 socket has an IPv4 address at its end (RFC 4291 2.5.5.2), and is on every address of both.
  return systemSockets('udp')?.some(
    (at) => at.port === port && (at.address.endsWith(wanted) || /^0+$/.test(at.address)),
  )
}

/** An IP address as `SystemSocket` has it: `0100007F` for 127.0.0.1. */
export function hexAddress(address: string): string {
  const octets = isIPv6(address) ? octetsOf6(address) : address.split('.').map(Number)
  const hex = octets.map((octet) => octet.toString(16).toUpperCase().padStart(2, '0'))
  let words = ''
  for (let at = 0; at < hex.length; at += 4) {
    words += hex
      .slice(at, at + 4)
      .reverse()
      .join('')
  }

  return words
}

/** The sixteen octets of an IPv6 address (RFC 4291 2.2). */
function octetsOf6(address: string): number[] {
  // A URL writes an IPv4 part as two groups.
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const head = groupsOf(before)
  const tail = groupsOf(after ?? '')
  const zeros = after === undefined ? [] : new Array<number>(8 - head.length - tail.length).fill(0)

  return [...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff])
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
