import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

/** A SIP message of drachtio-srf. This file declares the members of drachtio-srf that tests use. */
interface SipText {
  get(name: string): string
  has(name: string): boolean
  getParsedHeader(name: string): { params: Record<string, string>; uri: string }
  method: string
  uri: string
  status: number
  reason: string
  body: string
  raw: string
  headers: Record<string, string>
}

export interface Req extends EventEmitter, SipText {
  source: string
  source_address: string
  source_port: number
  protocol: string
  stackTxnId: string
  stackDialogId: string
  receivedOn: string
  server: { address: string; hostport: string }
  res: Res
  socket: Socket
  msg: SipText
  cancel(options?: object, callback?: (error: unknown, request: Req) => void): void
  proxy(options: object): Promise<ProxyResult>
}

export interface Res extends SipText {
  source_address: string
  stackTxnId: string
  stackDialogId: string
  send(
    status: number,
    options?: object | string,
    callback?: (error: unknown, response: SipText) => void,
    onAck?: (request: Req) => void,
  ): void
}

export interface ProxyResult {
  connected: boolean
  finalStatus: number
  responses: { address: string; port: number; msgs: { status: number }[] }[]
}

export interface SrfDialog extends EventEmitter {
  id: string
  connected: boolean
  local: { sdp: string; uri: string; contact: string }
  remote: { sdp: string; uri: string }
  sip: { callId: string; localTag: string; remoteTag: string }
  destroy(options?: object): Promise<Req>
  modify(sdp: string, options?: object): Promise<string>
  request(options: object): Promise<Res>
  request(options: object, callback: (error: unknown, response: Res, ack: (options?: object) => void) => void): void
}

type Handler = (req: Req, res: Res, next: () => void) => void

export interface Srf extends EventEmitter {
  connect(options: object): this
  listen(options: object): this
  disconnect(socket?: Socket): void
  endSession(req: Req): void
  invite(handler: Handler): void
  use(method: string, handler: Handler): void
  use(handler: Handler): void
  options(handler: Handler): void
  message(handler: Handler): void
  register(handler: Handler): void
  subscribe(handler: Handler): void
  notify(handler: Handler): void
  refer(handler: Handler): void
  info(handler: Handler): void
  request(uri: string, options: object, callback?: (error: unknown, request: Req) => void): Promise<Req>
  createUAS(req: Req, res: Res, options: object): Promise<SrfDialog>
  createUAC(uri: string, options: object, callbacks?: object): Promise<SrfDialog>
  createB2BUA(req: Req, res: Res, uri: string, options?: object): Promise<{ uas: SrfDialog; uac: SrfDialog }>
  proxyRequest(req: Req, destination: string | string[], options?: object): Promise<ProxyResult>
  findDialogById(id: string): SrfDialog | undefined
}
