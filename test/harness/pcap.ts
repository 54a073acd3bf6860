import assert from 'node:assert/strict'

/** A frame of a capture file, as Wireshark shows it. */
export interface CapturedFrame {
  atMs: number
  protocol: 'udp' | 'tcp'
  /** `address:port`, IPv6 in brackets, with all eight groups. */
  from: string
  to: string
  sequence?: number
  acknowledged?: number
  payload: string
}

/** Reads a capture file of Ethernet frames; fails for a length, a checksum or a field that is wrong, and for bytes left over. */
export function readPcap(file: Buffer): CapturedFrame[] {
  assert.equal(file.readUInt32BE(0), 0xa1b2c3d4, 'big-endian, with microseconds')
  assert.deepEqual([file.readUInt16BE(4), file.readUInt16BE(6)], [2, 4], 'version')
  assert.deepEqual([file.readUInt32BE(8), file.readUInt32BE(12)], [0, 0], 'time zone and accuracy')
  const snapshotBytes = file.readUInt32BE(16)
  assert.equal(file.readUInt32BE(20), 1, 'LINKTYPE_ETHERNET')
  const frames: CapturedFrame[] = []
  let at = 24
  while (at < file.length) {
    const [seconds, microseconds] = [file.readUInt32BE(at), file.readUInt32BE(at + 4)]
    const [captured, original] = [file.readUInt32BE(at + 8), file.readUInt32BE(at + 12)]
    assert.ok(microseconds < 1e6)
    assert.ok(captured <= snapshotBytes)
    assert.equal(captured, original)
    at += 16
    assert.ok(at + captured <= file.length, 'a frame is cut off')
    frames.push({ atMs: seconds * 1000 + microseconds / 1000, ...readFrame(file.subarray(at, at + captured)) })
    at += captured
  }

  return frames
}

function readFrame(frame: Buffer): Omit<CapturedFrame, 'atMs'> {
  const packet = frame.subarray(14)
  const type = frame.readUInt16BE(12)
  assert.ok(type === 0x0800 || type === 0x86dd, 'IPv4 or IPv6')

  return type === 0x0800 ? readIp4(packet) : readIp6(packet)
}

function readIp4(packet: Buffer): Omit<CapturedFrame, 'atMs'> {
  assert.equal(packet.readUInt8(0), 0x45, 'IPv4 without options')
  assert.equal(packet.readUInt16BE(2), packet.length)
  assert.equal(packet.readUInt16BE(6) & 0xbfff, 0, 'no fragment')
  assert.ok(packet.readUInt8(8) > 0)
  assert.equal(sumOf(packet.subarray(0, 20)), 0xffff, 'the checksum of the IPv4 header')
  const [source, destination] = [packet.subarray(12, 16), packet.subarray(16, 20)]
  const protocol = packet.readUInt8(9)
  const carried = packet.subarray(20)
  const fields = Buffer.from([0, protocol, carried.length >> 8, carried.length & 0xff])

  return readCarried(protocol, carried, Buffer.concat([source, destination, fields]), [
    [...source].join('.'),
    [...destination].join('.'),
  ])
}

function readIp6(packet: Buffer): Omit<CapturedFrame, 'atMs'> {
  assert.equal(packet.readUInt32BE(0), 0x60000000)
  assert.equal(packet.readUInt16BE(4), packet.length - 40)
  assert.ok(packet.readUInt8(7) > 0)
  const [source, destination] = [packet.subarray(8, 24), packet.subarray(24, 40)]
  const protocol = packet.readUInt8(6)
  const carried = packet.subarray(40)
  const fields = Buffer.alloc(8)
  fields.writeUInt32BE(carried.length, 0)
  fields.writeUInt8(protocol, 7)
  const text = (address: Buffer) => `[${(address.toString('hex').match(/.{4}/g) ?? []).join(':')}]`

  return readCarried(protocol, carried, Buffer.concat([source, destination, fields]), [text(source), text(destination)])
}

function readCarried(
  protocol: number,
  carried: Buffer,
  pseudoHead: Buffer,
  [source, destination]: [string, string],
): Omit<CapturedFrame, 'atMs'> {
  assert.equal(sumOf(Buffer.concat([pseudoHead, carried])), 0xffff, 'the checksum of the datagram or segment')
  const ends = {
    from: `${source}:${carried.readUInt16BE(0)}`,
    to: `${destination}:${carried.readUInt16BE(2)}`,
  }
  if (protocol === 17) {
    assert.equal(carried.readUInt16BE(4), carried.length)
    assert.notEqual(carried.readUInt16BE(6), 0, 'a datagram without a checksum')

    return { protocol: 'udp', ...ends, payload: carried.toString('utf8', 8) }
  }
  assert.equal(protocol, 6)
  assert.equal(carried.readUInt8(12), 0x50, 'TCP without options')
  assert.equal(carried.readUInt8(13), 0x18, 'PSH, ACK')
  assert.ok(carried.readUInt16BE(14) > 0, 'window')

  return {
    ...{ protocol: 'tcp', ...ends, sequence: carried.readUInt32BE(4), acknowledged: carried.readUInt32BE(8) },
    payload: carried.toString('utf8', 20),
  }
}

/** The one's complement sum of RFC 1071, with the checksum in place: all ones when it is right. */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (const [at, byte] of bytes.entries()) {
    sum += at % 2 === 0 ? byte * 256 : byte
    if (sum > 0xffff) sum -= 0xffff
  }

  return sum
}
