import { tooShortSession, understandsReplaces } from '../dialog/index.ts'
import { headerNames, knownMethods, type Request, validate } from '../message/index.ts'

/** Why a request is not served. */
export interface InspectionRefusal {
  status: number
  reason?: string
  headers?: [name: string, value: string][]
  /** Whether the request is malformed, and not merely unsupported. */
  isMalformed: boolean
}

/** The inspection of method and headers that every request must pass (RFC 3261 8.2.1, 8.2.2). */
export class RequestInspection {
  readonly allow: string
  readonly #methods: ReadonlySet<string>
  readonly #known = new Set(knownMethods)
  readonly #extensions: ReadonlySet<string> | undefined
  readonly #minSession: number

  /** Without `extensions`, Require is not inspected. */
  constructor(methods: readonly string[], extensions: readonly string[] | undefined, minSession: number) {
    this.#minSession = minSession
    this.#methods = new Set(methods)
    this.#extensions = extensions && new Set(extensions)
    this.allow = methods.join(', ')
  }

  refusalOf(request: Request): InspectionRefusal | undefined {
    const refusal = validate(request)
    if (refusal) return { ...refusal, isMalformed: true }
    const { method } = request
    if (!this.#methods.has(method)) {
      return { status: this.#known.has(method) ? 405 : 501, headers: [['Allow', this.allow]], isMalformed: false }
    }
    const tooShort = this.#sessionTooShort(request)
    if (tooShort) return tooShort
    const extensions = this.#extensions
    // 8.2.2.3: a CANCEL is not refused for what it requires.
    if (!extensions || method === 'CANCEL' || !request.has(headerNames.require)) return undefined
    // RFC 3262 5: our reliable response would carry the offer, and an answer in the PRACK is not supported.
    const isLateOffer = method === 'INVITE' && !request.body
    const required = request.list(headerNames.require).map((tag) => tag.toLowerCase())
    const missing = required.filter(
      (tag) => (!extensions.has(tag) && !understandsReplaces(request, tag)) || (tag === '100rel' && isLateOffer),
    )
    if (missing.length === 0) return undefined

    return { status: 420, headers: [['Unsupported', missing.join(', ')]], isMalformed: false }
  }

  /** RFC 4028 6 */
  #sessionTooShort(request: Request): InspectionRefusal | undefined {
    const headers = this.#extensions?.has('timer') ? tooShortSession(request, this.#minSession) : undefined

    return headers && { status: 422, headers, isMalformed: false }
  }
}
