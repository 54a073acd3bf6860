export { type DrachtioOptions, DrachtioStack } from './drachtio-stack.ts'
export type { Meeting } from './connection.ts'
