export { loadSettings } from './load.ts'
export { ConfigError, type SettingProblem } from './problems.ts'
export { redacted } from './redacted.ts'
export type { MediaSettings, Overload, Settings, SipListener, Trunk } from './settings.ts'
