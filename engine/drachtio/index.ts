/**
 * The engine as a drachtio server. `protocol/` has the connections, frames and messages of the drachtio protocol, `proxy/` what
 * RFC 3261 16 says of proxies, `options/` drachtio-server's command line, environment and XML file. The files of this folder
 * carry requests between peers and applications.
 */
export { DrachtioServer, type DrachtioServerOptions } from './drachtio-server.ts'
export { type RunningEngine, startEngine } from './standalone.ts'
