import { sourceText, type SourceText, textMistakes } from '../../routes/index.ts'
import { ApiRefusal, type FieldMistake } from './problems.ts'
import type { Api } from './path-parts.ts'
import { digestOf } from '../../base/canonical-json.ts'
import { BoundedMap } from '../../engine/index.ts'

const yaml = /^(?:application|text)\/(?:x-)?yaml\b/i
const maxDocumentBytes = 4 * 1024 * 1024

/** In the paths of `register`, bodies are documents in JSON or YAML, left as text: routes/ parses and stores it. */
export function withDocuments(api: Api, register: (api: Api) => void): void {
  void api.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    for (const type of ['application/json', yaml]) {
      scope.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: maxDocumentBytes }, (_request, body, parsed) =>
        parsed(null, body),
      )
    }
    // The schemas of documents are for OpenAPI; routes/ does the checks, which cover more.
    scope.setValidatorCompiler(({ httpPart, ...route }) =>
      httpPart === 'body' ? () => true : (api.validatorCompiler?.({ httpPart, ...route } as never) ?? (() => true)),
    )
    register(scope)
    done()
  })
}

export const documentTypes = ['application/json', 'application/yaml']

/** The document in the request's body. */
export function documentOf(request: { body: unknown; headers: Record<string, unknown> }): SourceText {
  const type = yaml.test(String(request.headers['content-type'])) ? 'yaml' : 'json'
  const document = Buffer.isBuffer(request.body) ? sourceText(request.body, type) : undefined
  if (document === undefined || document.text.trim() === '') {
    throw new ApiRefusal('malformed_body', 'The body is empty; send the document as JSON or YAML.')
  }

  return document
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The path checks the texts of its body itself, to name all mistakes at once. */
    checksTexts?: boolean
  }
}

/** Refuses control characters in the texts of a body: they would steer terminals, and no header may have them. */
export function refuseControlCharacters(api: Api): void {
  api.addHook('preHandler', (request, _reply, done) => {
    // A document is a buffer here; routes/ parses and checks it.
    if (!Buffer.isBuffer(request.body) && !request.routeOptions.config.checksTexts) {
      refuseMistakes(textMistakes(request.body))
    }
    done()
  })
}

/** @throws ApiRefusal (422) that names every mistake */
export function refuseMistakes(mistakes: readonly FieldMistake[]): void {
  const [first] = mistakes
  if (first) throw new ApiRefusal('invalid', `${first.pointer}: ${first.problem}`, mistakes)
}

/**
 * Answers by `Idempotency-Key`: the same key with the same body gets the same answer, and its request is carried out once.
 * Refusals are not kept, so that a refused request may be sent again with its key.
 */
export class IdempotentAnswers<Answer> {
  readonly #answers: BoundedMap<{ body: string; answer: Answer }>

  /** @param keep the number of answers that are kept; the oldest is dropped for a new one */
  constructor(keep = 1000) {
    this.#answers = new BoundedMap(keep)
  }

  /** Throws 422 when the key came with another body before. */
  once(key: string | undefined, body: unknown, act: () => Answer): Answer {
    if (key === undefined) return act()

    const fingerprint = digestOf(body)
    const before = this.#answers.get(key)
    if (before && before.body !== fingerprint) {
      throw new ApiRefusal(
        'idempotency_key_reused',
        'Use a new key for a new request; this one came with another body.',
      )
    }
    if (before) return before.answer

    const answer = act()
    this.#answers.set(key, { body: fingerprint, answer })

    return answer
  }
}
