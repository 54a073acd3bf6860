import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** RFC 4568 6.2. They differ in the length of the authentication tag. */
export const srtpSuites = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 } as const

export type SrtpSuite = keyof typeof srtpSuites

/** A master key and its salt, as in an `a=crypto` line (RFC 4568 6.1). */
export interface SrtpKeys {
  suite: SrtpSuite
  /** 16 bytes of key, 14 of salt. */
  inline: Buffer
}

export function newSrtpKeys(suite: SrtpSuite): SrtpKeys {
  return { suite, inline: randomBytes(30) }
}

/** RTP packets of one direction, encrypted and authenticated by AES-CM and HMAC-SHA1 (RFC 3711). */
export class SrtpContext {
  readonly #key: Buffer
  readonly #salt: Buffer
  readonly #authKey: Buffer
  readonly #tagLength: number
  /** By SSRC: the rollover counter, and the last sequence number (RFC 3711 3.3.1). */
  readonly #states = new Map<number, { roc: number; sequence: number }>()

  constructor({ suite, inline }: SrtpKeys) {
    const { key, authKey, salt } = sessionKeysOf(inline)
    this.#key = key
    this.#authKey = authKey
    this.#salt = salt
    this.#tagLength = srtpSuites[suite]
  }

  protect(packet: Buffer): Buffer {
    const roc = this.#rocOf(packet, true)
    const encrypted = this.#crypt(packet, roc)

    return Buffer.concat([encrypted, this.#tagOf(encrypted, roc)])
  }

  /** Undefined for a packet that is not authentic. */
  unprotect(packet: Buffer): Buffer | undefined {
    if (packet.length < 12 + this.#tagLength) return undefined
    const encrypted = packet.subarray(0, packet.length - this.#tagLength)
    const roc = this.#rocOf(packet, false)
    if (!timingSafeEqual(this.#tagOf(encrypted, roc), packet.subarray(encrypted.length))) return undefined
    this.#rocOf(packet, true)

    return this.#crypt(encrypted, roc)
  }

  /** RFC 3711 4.1.1: the counter begins at (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
  #crypt(packet: Buffer, roc: number): Buffer {
    const counter = Buffer.alloc(16)
    this.#salt.copy(counter)
    xorAt(counter, 4, packet.subarray(8, 12))
    const index = Buffer.alloc(6)
    index.writeUInt32BE(roc, 0)
    packet.copy(index, 4, 2, 4)
    xorAt(counter, 8, index)
    const start = payloadStart(packet)
    const cipher = createCipheriv('aes-128-ctr', this.#key, counter)

    return Buffer.concat([packet.subarray(0, start), cipher.update(packet.subarray(start))])
  }

  #tagOf(encrypted: Buffer, roc: number): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(roc)

    return createHmac('sha1', this.#authKey).update(encrypted).update(counter).digest().subarray(0, this.#tagLength)
  }

  #rocOf(packet: Buffer, isKept: boolean): number {
    const [sequence, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(8)]
    const { roc, sequence: last } = this.#states.get(ssrc) ?? { roc: 0, sequence }
    const ahead = sequence - last
    const hasWrapped = ahead < -0x8000
    const guessed = Math.max(0, roc + Number(hasWrapped) - Number(ahead > 0x8000))
    if (isKept && (guessed > roc || (guessed === roc && ahead >= 0))) this.#states.set(ssrc, { roc: guessed, sequence })

    return guessed
  }
}

/** RFC 3550 5.1: the header, its CSRCs and its extension. */
export function payloadStart(packet: Buffer): number {
  const first = packet[0] ?? 0
  const fixed = 12 + 4 * (first & 0x0f)

  return first & 0x10 && packet.length >= fixed + 4 ? fixed + 4 + 4 * packet.readUInt16BE(fixed + 2) : fixed
}

/** The session keys of a master key and its salt, without a key derivation rate (RFC 3711 4.3). */
export function sessionKeysOf(inline: Buffer): { key: Buffer; authKey: Buffer; salt: Buffer } {
  const [master, salt] = [inline.subarray(0, 16), inline.subarray(16, 30)]

  return {
    key: derive(master, salt, 0, 16),
    authKey: derive(master, salt, 1, 20),
    salt: derive(master, salt, 2, 14),
  }
}

function derive(master: Buffer, salt: Buffer, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16)
  salt.copy(counter)
  xorAt(counter, 7, Buffer.of(label))

  return createCipheriv('aes-128-ctr', master, counter).update(Buffer.alloc(length))
}

function xorAt(target: Buffer, at: number, bytes: Buffer): void {
  for (const [index, byte] of bytes.entries()) target[at + index] = (target[at + index] ?? 0) ^ byte
}
