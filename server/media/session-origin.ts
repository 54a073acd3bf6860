/**
 * The `o=` line of what one party is sent. RFC 3264 8: within a dialog each new description has the same origin but for
 * its version, whoever it really comes from. The first one goes out untouched, byte for byte.
 */
export class SessionOrigin {
  #first: string | undefined
  #lastGiven = ''
  #lastSent = ''
  #version = 0n

  /** The description as this party is to get it; '' stays ''. */
  send(sdp: string): string {
    if (sdp === '' || sdp === this.#lastGiven) return sdp === '' ? '' : this.#lastSent
    this.#lastGiven = sdp

    if (this.#first === undefined) {
      this.#first = originOf(sdp)
      this.#lastSent = sdp
    } else {
      this.#version ||= versionOf(this.#first)
      this.#version += 1n
      this.#lastSent = withOrigin(sdp, withVersion(this.#first, this.#version))
    }

    return this.#lastSent
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

// RFC 4566 5.2: o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>
function versionOf(origin: string): bigint {
  const version = origin.split(' ')[2] ?? ''

  return /^\d{1,20}$/.test(version) ? BigInt(version) : 0n
}

function withVersion(origin: string, version: bigint): string {
  const fields = origin.split(' ')
  if (fields.length < 6) return origin
  fields[2] = version.toString()

  return fields.join(' ')
}
