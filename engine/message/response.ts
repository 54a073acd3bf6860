import { Message, type MessageOrigin } from './message.ts'

export class Response extends Message {
  readonly kind = 'response'
  readonly status: number
  readonly reason: string

  constructor(status: number, reason = reasonPhrase(status), origin?: MessageOrigin) {
    super(origin)
    this.status = status
    this.reason = reason
  }

  protected startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`
  }
}

/** RFC 3261 22: the request may come again with credentials. */
export function isChallenge(status: number): boolean {
  return status === 401 || status === 407
}

/** A 2xx (RFC 3261 7.2). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** The seconds of a Retry-After, without its comment and parameters (RFC 3261 20.33). Undefined when it is missing or malformed. */
export function retryAfterSeconds(response: { header(name: string): string | undefined }): number | undefined {
  const seconds = /^\s*(\d{1,9})/.exec(response.header('Retry-After') ?? '')?.[1]

  return seconds === undefined ? undefined : Number(seconds)
}

// RFC 3261 21 and the IANA registry of response codes.
const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  199: 'Early Dialog Terminated',
  200: 'OK',
  202: 'Accepted',
  204: 'No Notification',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  412: 'Conditional Request Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  417: 'Unknown Resource-Priority',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  424: 'Bad Location Information',
  428: 'Use Identity Header',
  429: 'Provide Referrer Identity',
  430: 'Flow Failed',
  433: 'Anonymity Disallowed',
  436: 'Bad Identity-Info',
  437: 'Unsupported Certificate',
  438: 'Invalid Identity Header',
  439: 'First Hop Lacks Outbound Support',
  440: 'Max-Breadth Exceeded',
  469: 'Bad Info Package',
  470: 'Consent Needed',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  493: 'Undecipherable',
  494: 'Security Agreement Required',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  555: 'Push Notification Service Not Supported',
  580: 'Precondition Failure',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
  607: 'Unwanted',
  608: 'Rejected',
}

const classes = ['', 'Progress', 'Success', 'Redirection', 'Request Failure', 'Server Failure', 'Global Failure']

/** The registered reason phrase of a status, or that of its class. */
export function reasonPhrase(status: number): string {
  return phrases[status] ?? classes[Math.trunc(status / 100)] ?? 'Unknown'
}

/**
 * The status line of a message/sipfrag body (RFC 3420), as NOTIFYs of a REFER hold. Undefined when the body has none. Empty
 * lines before it are skipped, as before a message (RFC 3261 7.5).
 */
export function statusOf(body: string): { status: number; reason: string } | undefined {
  const line = firstLineOf(body)
  const match = /^SIP\/2\.0 +([1-6]\d\d)(?: (.*))?$/i.exec(line)

  return match ? { status: Number(match[1]), reason: match[2]?.trim() ?? '' } : undefined
}

/** The first line that is not empty. */
export function firstLineOf(body: string): string {
  const text = body.trimStart()
  const end = text.indexOf('\n')

  return (end < 0 ? text : text.slice(0, end)).trimEnd()
}
