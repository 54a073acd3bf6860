export { loadSettings, type LoadOptions } from './load.ts'
export { ConfigError, type Problem } from './problems.ts'
export { redacted } from './redacted.ts'
export type {
  Endpoint,
  HostPort,
  LogFormat,
  LogLevel,
  Media,
  NumberFormat,
  Overload,
  Settings,
  SipListener,
  Trunk,
} from './settings.ts'
