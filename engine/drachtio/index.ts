export { DrachtioServer, type DrachtioServerOptions } from './server.ts'
export { protocolVersion } from './server-messages.ts'
export { type Process, type Running, startAlone, type Started } from './standalone.ts'
