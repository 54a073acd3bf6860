import { isIPv4 } from 'node:net'

/** Reads `address:port`, IPv6 in brackets, as the record of a message has it. */
export function splitAddress(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(':')
  const address = text.slice(0, colon)

  return { address: address.startsWith('[') ? address.slice(1, -1) : address, port: Number(text.slice(colon + 1)) }
}

export function ip4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

/** Maps IPv4 addresses (RFC 4291 2.5.5.2). */
export function ip6Bytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.concat([Buffer.alloc(10), Buffer.from([255, 255]), ip4Bytes(address)])
  const [plain = ''] = address.split('%')
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(plain)
  const groups = dotted
    ? `${dotted[1] ?? ''}${ip4Bytes(dotted[2] ?? '')
        .toString('hex')
        .replace(/^(.{4})/, '$1:')}`
    : plain
  const [before = '', after] = groups.split('::')
  const list = (text: string) => (text === '' ? [] : text.split(':'))
  const [head, tail] = [list(before), list(after ?? '')]
  const zeros = new Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0')

  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex')
}
