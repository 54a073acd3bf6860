/** The origin of a party's descriptions, as the next process needs it after a crash. */
export interface KeptOrigin {
  /** The `o=` line of the first description. */
  readonly first: string
  /** The last description that was sent. */
  readonly sent: string
  /** The description that it was made of, where that differs. */
  readonly given?: string | undefined
}

/**
 * The `o=` line of the descriptions that one party is sent. RFC 3264 8: within a dialog each new description has the same
 * origin with a higher version, even when it comes from another party. The first one is sent byte for byte.
 */
export class SessionOrigin {
  /** The `o=` line of the first description that had one. */
  #first = ''
  #lastGiven = ''
  #lastSent = ''
  #version: bigint | undefined

  /** The description with the origin for this party; '' stays ''. */
  send(sdp: string): string {
    if (sdp === '' || sdp === this.#lastGiven) return sdp === '' ? '' : this.#lastSent
    this.#lastGiven = sdp

    if (this.#first === '') {
      this.#first = originOf(sdp)
      this.#lastSent = sdp
    } else {
      this.#version = nextVersion(this.#version ?? versionOf(this.#first))
      this.#lastSent = withOrigin(sdp, withVersion(this.#first, this.#version))
    }

    return this.#lastSent
  }

  /** What the next process needs to go on with the versions. */
  keep(): KeptOrigin {
    const given = this.#lastGiven === this.#lastSent ? undefined : this.#lastGiven

    return { first: this.#first, sent: this.#lastSent, given }
  }

  static kept({ first, sent, given = sent }: KeptOrigin): SessionOrigin {
    const origin = new SessionOrigin()
    origin.#first = first
    origin.#lastSent = sent
    origin.#lastGiven = given
    if (sent !== '') origin.#version = versionOf(originOf(sent))

    return origin
  }

  /** The last description sent, '' before the first. */
  get last(): string {
    return this.#lastSent
  }
}

function originRange(sdp: string): [start: number, end: number] | undefined {
  const start = sdp.startsWith('o=') ? 0 : sdp.indexOf('\no=') + 1
  if (start === 0 && !sdp.startsWith('o=')) return undefined
  const newline = sdp.indexOf('\n', start)
  const end = newline === -1 ? sdp.length : newline

  return [start, sdp[end - 1] === '\r' ? end - 1 : end]
}

function originOf(sdp: string): string {
  const range = originRange(sdp)

  return range ? sdp.slice(...range) : ''
}

function withOrigin(sdp: string, origin: string): string {
  const range = originRange(sdp)

  return range ? sdp.slice(0, range[0]) + origin + sdp.slice(range[1]) : sdp
}

/**
 * The range of the version in `o=<username> <sess-id> <sess-version> IN <addrtype> <unicast-address>` (RFC 4566 5.2): the
 * word before the network type, since peers also send user names with blanks and lines without an address.
 */
function versionRange(origin: string): [start: number, end: number] {
  const words = [...origin.matchAll(/[^ ]+/g)]
  const networkType = words.findLastIndex(([word], at) => at > 2 && word === 'IN')
  const version = words[networkType > 0 ? networkType - 1 : 2]

  return version ? [version.index, version.index + version[0].length] : [origin.length, origin.length]
}

function versionOf(origin: string): bigint {
  const version = origin.slice(...versionRange(origin))

  return /^\d{1,20}$/.test(version) ? BigInt(version) : 0n
}

function withVersion(origin: string, version: bigint): string {
  const [start, end] = versionRange(origin)

  return start === end ? origin : origin.slice(0, start) + version.toString() + origin.slice(end)
}

/** The largest versions of peers that keep it as a signed or an unsigned number of 64 bits. */
const largestVersions = [2n ** 63n - 1n, 2n ** 64n - 1n]

/** One higher; after the largest one begins again at 1, which is at least another version. */
function nextVersion(version: bigint): bigint {
  return largestVersions.includes(version) ? 1n : version + 1n
}
