export { DrachtioServer, type DrachtioServerOptions } from './drachtio-server.ts'
export { type RunningEngine, startEngine } from './standalone.ts'
