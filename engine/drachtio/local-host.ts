import type { Header } from './sip-text.ts'

// drachtio-server rewrites these, and only these.
const rewritten = new Set(['From', 'To', 'Contact', 'P-Asserted-Identity'])

/** Puts our own `host:port` where an application wrote `@localhost` in the headers that say who we are. */
export function withLocalHost(headers: readonly Header[], hostPort: string): Header[] {
  return headers.map(([name, value]) => [
    name,
    rewritten.has(name) && value.includes('localhost') ? replaceLocalHost(value, hostPort) : value,
  ])
}

/** `localhost`, with or without a port, as the host of a URI. */
export function replaceLocalHost(value: string, hostPort: string): string {
  return value.replace(
    /(sips?:|@)localhost(?::\d+)?([>;?,\s]|$)/g,
    (_, before: string, after: string) => before + hostPort + after,
  )
}

/**
 * An address in brackets, so that its parameters and the URI's cannot be taken for each other (RFC 3261 20.10). A tag is
 * the header's.
 */
export function bracketed(value: string): string {
  if (value === '*' || value.includes('<')) return value
  const tag = value.search(/;\s*(tag|expires|q|\+sip\.instance|reg-id)=/i)

  return tag < 0 ? `<${value}>` : `<${value.slice(0, tag)}>${value.slice(tag)}`
}
