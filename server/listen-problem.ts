/** What to do about an address that is not available, by error code. */
const advice: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already; stop it, or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address; choose one of its own, or 0.0.0.0 for all',
  EACCES: 'ports below 1024 need more rights than Baton has; choose a higher one',
}

/**
 * The error of a listener, with the setting to change.
 * @param example a value of the setting that may work
 */
export function listenProblem(setting: string, example: string, error: unknown): Error {
  const found = systemError(error)
  const said = advice[found?.code ?? '']
  if (!found || said === undefined) return error instanceof Error ? error : new Error(String(error))
  const { address = '', port = '' } = found

  return new Error(`${setting}: cannot listen on ${address}:${port}: ${said}, e.g. ${setting}=${example}`, {
    cause: error,
  })
}

interface Server {
  listen(at: { host: string; port: number }): Promise<string>
}

/** Rejects with the setting's name when the address is not available. */
export async function listening(
  setting: string,
  { address, port }: { address: string; port: number },
  server: Server,
): Promise<string> {
  try {
    return await server.listen({ host: address, port })
  } catch (error) {
    throw listenProblem(setting, `${address}:${port + 1}`, error)
  }
}

interface SystemError extends NodeJS.ErrnoException {
  address?: string
  port?: number
}

function systemError(error: unknown): SystemError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if ('code' in at) return at as SystemError

  return undefined
}
