export { TwilioConnection, type ConnectionRequest } from './twilio-connection.ts'
export { voiceTwiml, type VoiceAnswer, type VoiceRequest } from './voice-twiml.ts'
export { twilioTrunkYaml } from './trunk-settings.ts'
