export { DrachtioServer, type DrachtioServerOptions } from './drachtio-server.ts'
export { protocolVersion } from './protocol/server-messages.ts'
export { type EngineProcess, type RunningEngine, startEngine, type StartedEngine } from './standalone.ts'
