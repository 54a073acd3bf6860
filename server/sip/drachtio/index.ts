export { DrachtioStack } from './drachtio-stack.ts'
export type { ConnectionMode } from './drachtio-connection.ts'
