/** The parts of drachtio-fsmrf 4.1.2 that Baton uses; the package comes without declarations. */
declare module 'drachtio-fsmrf' {
  import type { EventEmitter } from 'node:events'
  import type Srf from 'drachtio-srf'

  class Mrf extends EventEmitter {
    constructor(srf: Srf)
    connect(options: Mrf.ConnectOptions): Promise<Mrf.MediaServer>
  }

  namespace Mrf {
    interface ConnectOptions {
      address: string
      port: number
      secret: string
      /** The address at which FreeSWITCH connects to Baton, once for each endpoint. */
      listenAddress?: string
    }

    interface MediaServer extends EventEmitter {
      connected(): boolean
      createEndpoint(options: { remoteSdp: string }): Promise<LibraryEndpoint>
      disconnect(): void
    }

    /** A channel of FreeSWITCH; emits `destroy` when its connection ends. */
    interface LibraryEndpoint extends EventEmitter {
      readonly local: { readonly sdp: string }
      readonly dialog: EventEmitter | null
      play(file: string): Promise<unknown>
      playCollect(options: {
        file: string
        min: number
        max: number
        /** Milliseconds. */
        timeout: number
        terminators: string
      }): Promise<{ digits: string | undefined }>
      destroy(): Promise<void>
    }
  }

  export = Mrf
}
