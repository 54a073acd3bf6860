const credentialsLine = /^(?:proxy-)?authorization {0,8}:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim
const response = /\b(response[ \t]{0,3}=[ \t]{0,3}"?)[^",\s]+/gi

/** A message as it may be shown: digest responses, which let a password be guessed offline (RFC 7616 5.4), are hidden. */
export function masked(text: string): string {
  return text.replace(credentialsLine, (line) => line.replace(response, '$1***'))
}
