/** Headers that a peer would choke on are left out: a transfer with less data is better than one that is refused. */
import type { HeaderLimits } from '../table/profiles.ts'
import type { RenderedHeader, Warning } from '../table/render.ts'

/** Keeps what fits, in order; a warning names what does not. */
export function withinLimits(
  headers: readonly RenderedHeader[],
  limits: HeaderLimits,
  handoff: string,
): { headers: RenderedHeader[]; warnings: Warning[] } {
  const kept: RenderedHeader[] = []
  const warnings: Warning[] = []
  let total = 0

  for (const header of headers) {
    const bytes = headerBytes(header)
    const problem = overflow(limits, kept.length, bytes, total + bytes)
    if (problem === undefined) {
      kept.push(header)
      total += bytes
    } else {
      warnings.push({ ...problem, detail: `${header[0]} is left out: ${problem.detail}`, handoff })
    }
  }

  return { headers: kept, warnings }
}

function overflow(limits: HeaderLimits, count: number, bytes: number, total: number): Warning | undefined {
  if (limits.count !== undefined && count >= limits.count) {
    return { code: 'too_many_headers', detail: `the peer takes ${limits.count} headers` }
  }
  if (limits.bytesEach !== undefined && bytes > limits.bytesEach) {
    return { code: 'header_too_large', detail: `it has ${bytes} bytes, the peer takes ${limits.bytesEach} each` }
  }
  if (limits.bytesTotal !== undefined && total > limits.bytesTotal) {
    return {
      code: 'headers_too_large',
      detail: `with it the headers have ${total} bytes, the peer takes ${limits.bytesTotal} in all`,
    }
  }

  return undefined
}

/** Bytes of `Name: value`. */
export function headerBytes([name, value]: RenderedHeader): number {
  return Buffer.byteLength(name) + 2 + Buffer.byteLength(value)
}
