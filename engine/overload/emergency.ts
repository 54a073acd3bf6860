/** What of a request says whom it is for. */
export interface Called {
  /** The Request-URI. */
  readonly uri: string
  /** The URI of To: `urn:service:sos` may stand there alone, once a proxy has found out who answers it (RFC 6881 9). */
  readonly to: string | undefined
  /** The values of Resource-Priority. */
  readonly priorities: readonly string[]
}

// RFC 7135 for emergency services, RFC 4412 12.6 and 12.7 for those who must get through in a disaster.
const urgent = /(^|,)\s*(esnet|ets|wps)\.\d/i

/** Whether a call is one for help: it is never refused for want of room. `numbers` as they are dialled, such as `112`. */
export function isEmergency({ uri, to, priorities }: Called, numbers: ReadonlySet<string>): boolean {
  return (
    isForHelp(uri, numbers) || (to !== undefined && isForHelp(to, numbers)) || priorities.some((p) => urgent.test(p))
  )
}

function isForHelp(uri: string, numbers: ReadonlySet<string>): boolean {
  // RFC 5031: `sos` and what is below it, such as `sos.fire`.
  if (/^urn:service:sos(\.|$)/i.test(uri)) return true
  const number = /^(?:sips?|tel):([^@:;?]*)/i.exec(uri)?.[1]

  // RFC 3966 5.1.1: separators for the eye.
  return number !== undefined && numbers.has(number.replace(/[-.()]/g, ''))
}
