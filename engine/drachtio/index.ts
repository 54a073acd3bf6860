export { DrachtioServer, type DrachtioServerOptions, protocolVersion } from './server.ts'
