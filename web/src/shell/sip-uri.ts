/** The URI of an address of Baton, or of a number there. */
export function sipUri(
  number: string,
  { transport, address, port }: { transport: string; address: string; port: number },
): string {
  const host = address.includes(':') ? `[${address}]` : address

  return `sip:${number === '' ? '' : `${number}@`}${host}:${port};transport=${transport}`
}
