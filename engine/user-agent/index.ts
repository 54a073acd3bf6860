export { defaultMethods, type EngineLog, type OutOfDialogOptions, type UserAgentOptions } from './options.ts'
export { UserAgentStats } from './stats.ts'
export { UserAgent } from './user-agent.ts'
export type { UserAgentUser } from './options.ts'
