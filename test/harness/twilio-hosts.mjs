// Loaded into a Baton: requests to Twilio's hosts go to a test's stand-in (test/harness/twilio-stand-in.ts), at TWILIO_STAND_IN.
import http from 'node:http'
import https from 'node:https'

const { request } = https
const { hostname, port } = new URL(process.env.TWILIO_STAND_IN)

https.request = (options, ...rest) => {
  const isTwilio = /(^|\.)twilio\.com$/.test(options.hostname ?? '')
  if (!isTwilio) return request(options, ...rest)

  return http.request({ ...options, protocol: 'http:', agent: undefined, hostname, host: hostname, port }, ...rest)
}
