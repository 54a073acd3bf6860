/** `address:port`, IPv6 in brackets (RFC 3986 3.2.2). */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
