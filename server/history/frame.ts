import { promisify } from 'node:util'
import { crc32, deflateRaw, inflateRaw } from 'node:zlib'

const compress = promisify(deflateRaw)
const expand = promisify(inflateRaw)

/** In front of each frame: `BtnH`, the length of what follows, its CRC-32. */
const magic = 0x42746e48
const frameHeaderBytes = 12
/** Larger frames are damaged. */
const maxExpandedBytes = 256 * 1024 * 1024

/** A compressed block of a segment file. Compressing runs in a thread of the pool. */
export async function encodeFrame(content: Buffer): Promise<Buffer> {
  const body = await compress(content, { level: 1 })
  const header = Buffer.alloc(frameHeaderBytes)
  header.writeUInt32BE(magic, 0)
  header.writeUInt32BE(body.length, 4)
  header.writeUInt32BE(crc32(body), 8)

  return Buffer.concat([header, body])
}

/** Rejects when the frame is cut off or damaged. */
export async function decodeFrame(frame: Buffer): Promise<Buffer> {
  const body = frame.subarray(frameHeaderBytes)
  const isWhole =
    frame.length >= frameHeaderBytes &&
    frame.readUInt32BE(0) === magic &&
    frame.readUInt32BE(4) === body.length &&
    frame.readUInt32BE(8) === crc32(body)
  if (!isWhole) throw new Error('a block of the history is damaged')

  return expand(body, { maxOutputLength: maxExpandedBytes })
}
