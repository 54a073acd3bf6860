/** The body of an endpoint's answer; undefined when it has more bytes. Rejects when the connection breaks. */
export async function bodyUpTo(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop closes the connection.
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }

  return Buffer.concat(chunks)
}

/** Why a request to an endpoint has failed. The URL may hold a token, and is not told. */
export function connectionProblem(error: unknown, url: string): string {
  const { message, cause } = error as Error
  const problem = cause instanceof Error && cause.message !== '' ? cause.message : message

  return `no connection: ${problem.replaceAll(url, new URL(url).origin)}`
}
