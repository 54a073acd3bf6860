/**
 * What we use of drachtio-srf 5.0.29, typed. The package's own declarations say of `connect`, `request` and `res.send`
 * what is not so; these take their place.
 */
declare module 'drachtio-srf' {
  import type { EventEmitter } from 'node:events'
  import type { Server, Socket } from 'node:net'

  class Srf extends EventEmitter {
    constructor(tags?: string | string[])
    /** Filled by `connect` or `listen`. */
    readonly app: { readonly client: Srf.Agent }
    /** Dialogs of the library's own making, which we have none of: those of drachtio-fsmrf are here. */
    readonly _dialogs: Map<string, Srf.LibraryDialog>
    connect(options: Srf.ConnectOptions): unknown
    listen(options: Srf.ListenOptions): Server
    /** Closes one connection of those that servers have opened. */
    endSession(holder: { socket: Socket }): void
    use(handler: Srf.Handler): unknown
    use(method: string, handler: Srf.Handler): unknown
    on(event: 'connect', listener: (error: Error | null, hostPorts: string) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    on(event: 'listening' | 'close' | 'reconnecting', listener: () => void): this
  }

  namespace Srf {
    type Handler = (req: Req, res: Res, next: () => void) => void

    interface ConnectOptions {
      host: string
      port: number
      secret: string
      enablePing?: boolean
      /** Milliseconds. */
      reconnect?: { retryMaxDelay?: number }
    }

    interface ListenOptions {
      server?: Server
      host?: string
      port?: number
      secret: string
    }

    /** One connection, as the library keeps it. */
    interface Connection {
      readonly authenticated: boolean
      /** `udp/192.0.2.1:5060,tcp/…` */
      readonly hostport: string | null
    }

    interface Agent extends EventEmitter {
      readonly mapServer: ReadonlyMap<Socket, Connection>
      readonly wp: WireProtocol
      /** The options are changed by the library: never hand over the same object twice. */
      request(options: RequestOptions, callback: (error: Error | null, req: Sent) => void): void
      sendResponse(res: Res, options: Outgoing, callback?: (error: unknown) => void): void
    }

    interface WireProtocol extends EventEmitter {
      /** True: a connection that ends is not opened again. */
      closing?: boolean
      /** The connection that was opened again; the first one is not here. */
      readonly socket?: Socket
      readonly reconnectVars?: { retryTimer?: NodeJS.Timeout | null }
      close(callback?: () => void): void
      /** Sends a frame; returns its id. */
      send(socket: Socket, frame: string): string
    }

    interface Outgoing {
      headers: Record<string, string>
      body?: string
    }

    interface RequestOptions extends Outgoing {
      method: string
      uri?: string
      /** Next hop. */
      proxy?: string
      stackDialogId?: string
      stackTxnId?: string
      _socket: Socket
    }

    interface Passed {
      readonly source: 'network' | 'application'
      /** Empty for what the server made itself. */
      readonly source_address: string
      readonly source_port: number
      readonly protocol: string
      readonly stackTxnId: string
      readonly stackDialogId: string
      readonly socket: Socket
    }

    /** A request that came. */
    interface Req extends EventEmitter, Passed {
      readonly method: string
    }

    /** A request of ours, as the server sent it. */
    interface Sent extends EventEmitter {
      readonly stackTxnId: string
      on(event: 'response', listener: (res: Incoming, ack: Acknowledge) => void): this
      on(event: 'update', listener: (req: Req, res: Res) => void): this
    }

    interface Incoming extends Passed {
      readonly status: number
    }

    /** Sends the ACK of a 2xx, or the PRACK of a reliable provisional response. Throws once the connection is gone. */
    type Acknowledge = (options?: Outgoing) => void

    /** A response of ours. */
    interface Res {
      status: number
      reason: string
      readonly headers: Record<string, string>
      readonly socket: Socket
    }

    interface LibraryDialog extends EventEmitter {
      connected: boolean
      readonly socket: Socket
      handle(req: Req, res: Res): void
    }
  }

  export = Srf
}
