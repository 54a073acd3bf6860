import { readFileSync } from 'node:fs'

/** Linux lists the UDP sockets of its network namespace there, `0100007F:13E2` for 127.0.0.1:5090. */
const lists = ['/proc/net/udp', '/proc/net/udp6']
const anyAddress = /^0+$/

/**
 * Whether a program of this machine receives what is sent to this IPv4 address and UDP port. Undefined where the system does not
 * say: only Linux does.
 */
export function isUdpPortInUse(address: string, port: number): boolean | undefined {
  const wanted = littleEndianHex(address)
  const portText = port.toString(16).toUpperCase().padStart(4, '0')
  let isKnown = false
  for (const list of lists) {
    let text: string
    try {
      text = readFileSync(list, 'latin1')
    } catch {
      continue
    }
    isKnown = true
    for (const [, local = '', localPort] of text.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) /gm)) {
      if (localPort === portText && (local.endsWith(wanted) || anyAddress.test(local))) return true
    }
  }

  return isKnown ? false : undefined
}

function littleEndianHex(address: string): string {
  const octets = address.split('.').reverse()

  return octets.map((octet) => Number(octet).toString(16).toUpperCase().padStart(2, '0')).join('')
}
