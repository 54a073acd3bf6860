const credentialsLine = /^(?:proxy-)?authorization {0,8}:[^\r\n]*/gim
const response = /\bresponse {0,3}= {0,3}"[^"]*/gi

/** A message as it may be shown: digest responses, which let a password be guessed offline (RFC 7616 5.4), are hidden. */
export function masked(text: string): string {
  return text.replace(credentialsLine, (line) => line.replace(response, 'response="***'))
}
