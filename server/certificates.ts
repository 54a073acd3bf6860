import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** When the certificates of these PEM files expire, by file, in seconds since 1970: of a chain, the first that does. */
export async function certificateExpiries(files: readonly string[]): Promise<Map<string, number>> {
  const expiries = await Promise.all(
    files.map(async (file) => [file, expiryOf(await readFile(file, 'latin1'))] as const),
  )

  return new Map(expiries)
}

function expiryOf(pem: string): number {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

  return Math.min(...certificates.map((each) => Date.parse(new X509Certificate(each).validTo) / 1000))
}
