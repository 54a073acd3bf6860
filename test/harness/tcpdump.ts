import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { programPath } from './needs.ts'

/** A datagram or segment of a capture file, as tcpdump shows it. */
export interface DumpedPacket {
  /** Milliseconds since the epoch. */
  atMs: number
  /** `address:port`, IPv6 in brackets. */
  from: string
  to: string
  protocol: 'udp' | 'tcp'
  payload: string
}

/** Reads a capture file with tcpdump; fails for a file, or a checksum, that tcpdump complains about. */
export function dumped(capture: Buffer): DumpedPacket[] {
  const { status, stdout, stderr } = spawnSync(
    programPath('tcpdump') ?? 'tcpdump',
    ['-n', '-n', '-vv', '-tt', '-x', '-r', '-'],
    { input: capture, encoding: 'latin1', maxBuffer: 64 * 1024 * 1024 },
  )
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stderr, /truncated|unsupported|bad/i)

  return stdout
    .split(/^(?= ?\d{9,}\.\d{6} IP6? )/m)
    .filter((text) => text.trim() !== '')
    .map(packetIn)
}

function packetIn(text: string): DumpedPacket {
  assert.doesNotMatch(text.split('\t0x0000', 1)[0] ?? '', /bad|incorrect|wrong/i)
  const [, at = ''] = /^ ?([\d.]+) IP/.exec(text) ?? []
  const [, from = '', to = ''] =
    /(\S+) > (\S+): (?:\[udp sum ok\]|Flags \[P\.\], cksum \w+ \(correct\))/.exec(text) ?? []
  assert.ok(from, text)
  const protocol = text.includes('[udp sum ok]') ? 'udp' : 'tcp'
  const length = Number(
    /(?:UDP|SIP), length:? (\d+)/.exec(text)?.[1] ?? /, length (\d+)(?:: SIP)?/.exec(text.split('cksum')[1] ?? '')?.[1],
  )
  const hexadecimal = Array.from(text.matchAll(/^\t0x[\da-f]+: {2}(.*)$/gm), ([, bytes = '']) =>
    bytes.replace(/ /g, ''),
  )
  const bytes = Buffer.from(hexadecimal.join(''), 'hex')

  return {
    ...{ atMs: Number(at) * 1000, from: endOf(from), to: endOf(to), protocol },
    payload: bytes.toString('utf8', bytes.length - length),
  }
}

/** tcpdump writes a port behind a dot. */
function endOf(written: string): string {
  const [, address = '', port = ''] = /^(.*)\.(\d+)$/.exec(written) ?? []

  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
