export { loadSettings, type LoadOptions } from './load.ts'
export { ConfigError, type SettingProblem } from './problems.ts'
export { redacted } from './redacted.ts'
export type {
  ListenAddress,
  ServerAddress,
  LogFormat,
  LogLevel,
  MediaSettings,
  NumberFormat,
  Overload,
  Settings,
  SipListener,
  Trunk,
} from './settings.ts'
