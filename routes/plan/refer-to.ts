/** The Refer-To header (RFC 3515) and the URI inside it. */

type HeaderList = readonly (readonly [name: string, value: string])[]

/**
 * A whole Refer-To value: `<sip:desk@pbx.example?X-Account=7>`. Always in angle brackets, since `?`, `;` and `,` belong to the
 * URI only there (RFC 3261 20.10). Headers are percent-encoded once; a `tel:` URI stays as it is and has none (RFC 3966).
 */
export function referTo(target: string, headers: HeaderList = []): string {
  return `<${withHeaders(target, headers)}>`
}

/** A SIP URI with headers inside it, beside those that it has already. */
export function withHeaders(target: string, headers: HeaderList): string {
  if (headers.length === 0 || /^tel:/i.test(target)) return target
  const added = headers.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&')

  return `${target}${target.slice(target.lastIndexOf('@') + 1).includes('?') ? '&' : '?'}${added}`
}

// RFC 3261 25.1: hname and hvalue are unreserved, hnv-unreserved ([]/?:+$) or escaped. Escaping `+` too keeps those peers right that
// read it as a space.
const safe = /^[A-Za-z0-9\-_.!~*'()[\]/?:$]$/
const utf8 = new TextEncoder()

function escape(text: string): string {
  let out = ''
  for (const byte of utf8.encode(text)) {
    const character = String.fromCharCode(byte)
    out += safe.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }

  return out
}
