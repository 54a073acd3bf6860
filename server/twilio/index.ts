export { TwilioConnection, type ConnectionRequest } from './twilio-connection.ts'
export { twilioTrunkYaml } from './trunk-yaml.ts'
