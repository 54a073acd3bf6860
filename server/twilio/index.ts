export { TwilioConnection } from './twilio-connection.ts'
