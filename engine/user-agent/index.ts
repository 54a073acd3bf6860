export { defaultMethods, type EngineLog, type OutOfDialogOptions, type UserAgentOptions } from './options.ts'
export { UserAgent } from './user-agent.ts'
export type { UserAgentUser } from './options.ts'
