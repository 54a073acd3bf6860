export { loadSettings } from './load.ts'
export { ConfigError, type SettingProblem } from './problems.ts'
export { redacted } from './redacted.ts'
export type {
  MediaSettings,
  OidcSettings,
  Overload,
  RtpengineSettings,
  SpeechSettings,
  Settings,
  SipListener,
  Trunk,
  TwilioVoice,
} from './settings.ts'
