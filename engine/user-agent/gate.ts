import { type Request, validate } from '../message/index.ts'
import { knownMethods } from './options.ts'

/** Why a request is not served. */
export interface GateRefusal {
  status: number
  reason?: string
  headers?: [name: string, value: string][]
  /** The request itself is bad, not merely one that we do not take. */
  isMalformed: boolean
}

/** The checks of RFC 3261 8.2 that any request must pass. */
export class Gate {
  readonly allow: string
  readonly #methods: ReadonlySet<string>
  readonly #known = new Set(knownMethods)
  readonly #extensions: ReadonlySet<string> | undefined

  /** Without `extensions`, what a request requires is not looked at. */
  constructor(methods: readonly string[], extensions: readonly string[] | undefined) {
    this.#methods = new Set(methods)
    this.#extensions = extensions && new Set(extensions)
    this.allow = methods.join(', ')
  }

  refusalOf(request: Request): GateRefusal | undefined {
    const refusal = validate(request)
    if (refusal) return { ...refusal, isMalformed: true }
    const { method } = request
    if (!this.#methods.has(method)) {
      return { status: this.#known.has(method) ? 405 : 501, headers: [['Allow', this.allow]], isMalformed: false }
    }
    const extensions = this.#extensions
    // 8.2.2.3: a CANCEL is not refused for what it requires.
    if (!extensions || method === 'CANCEL' || !request.has('Require')) return undefined
    const missing = request.list('Require').filter((tag) => !extensions.has(tag.toLowerCase()))
    if (missing.length === 0) return undefined

    return { status: 420, headers: [['Unsupported', missing.join(', ')]], isMalformed: false }
  }
}
