import { BoundedMap } from '../bounded-map.ts'
import { flat } from '../flat.ts'
import { headerName } from '../message/index.ts'

// drachtio-server and drachtio-srf both read this variable: names that are not to be touched.
const preserved = new Set((process.env.DRACHTIO_PRESERVE_HEADER_NAMES ?? '').split(',').map((name) => name.trim()))

const maxKnown = 1000
const known = new BoundedMap<string>(maxKnown)

/**
 * How a header of an application's is written: registered ones in their canonical form; others with a capital after each
 * hyphen, unless they begin with `X-` or are to be preserved.
 */
export function outputName(name: string): string {
  const found = known.get(name)
  if (found !== undefined) return found
  const written = write(name)
  // Names come from messages of applications: a slice would hold its message.
  known.set(name, flat(written))

  return written
}

function write(name: string): string {
  if (preserved.has(name)) return name
  const { name: canonical } = headerName(name)
  if (canonical !== name) return canonical
  if (/^x-/i.test(name) || isRegistered(name)) return name

  return name.replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
}

/** A registered name has the same canonical form in any case. */
function isRegistered(name: string): boolean {
  return headerName(name.toLowerCase()).name === name && name !== name.toLowerCase()
}
