import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where an application waits for us to connect. */
export interface ApplicationAddress {
  host: string
  port: number
  tls: boolean
}

const connectTimeout = 2_000

/** `host:port`, `host:port;transport=tls`, `tcp://host:port` or `tls://host:port`. Undefined for every other text. */
export function parseApplicationAddress(text: string): ApplicationAddress | undefined {
  const [, scheme, host, digits, params] =
    /^(?:(tcp|tls):\/\/)?(\[[^\]]+\]|[^:;/]+):(\d{1,5})\/?(;.*)?$/.exec(text) ?? []
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  const transport = scheme ?? /;transport=(tcp|tls)\b/i.exec(params ?? '')?.[1]?.toLowerCase() ?? 'tcp'

  return { host: host.replace(/^\[|\]$/g, ''), port, tls: transport === 'tls' }
}

/** Connects to an application. Rejects when it cannot be reached in time. Its certificate is not looked at, as ever. */
export function connectTo({ host, port, tls }: ApplicationAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(connectTimeout, () => fail(new Error('no connection in time')))
    socket.once('error', fail)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0)
      socket.off('error', fail)
      resolve(socket)
    })
  })
}
