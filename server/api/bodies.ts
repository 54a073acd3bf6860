import { sourceText, type SourceText, textMistakes } from '../../routes/index.ts'
import { ApiRefusal, type FieldMistake } from './problems.ts'
import type { Api } from './path-parts.ts'

const yaml = /^(?:application|text)\/(?:x-)?yaml\b/i
const largest = 4 * 1024 * 1024

/** In the paths of `register`, bodies are documents in JSON or YAML, kept as the text that came: routes/ reads and keeps it. */
export function withDocuments(api: Api, register: (api: Api) => void): void {
  void api.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    for (const type of ['application/json', yaml]) {
      scope.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: largest }, (_request, body, parsed) =>
        parsed(null, body),
      )
    }
    // Their schemas are there to be read; the checks are those of routes/, which know more.
    scope.setValidatorCompiler(({ httpPart, ...route }) =>
      httpPart === 'body' ? () => true : (api.validatorCompiler?.({ httpPart, ...route } as never) ?? (() => true)),
    )
    register(scope)
    done()
  })
}

export const documentTypes = ['application/json', 'application/yaml']

/** The document that the request brought. */
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
    /** The path checks the texts of its bodies by itself, to name all of their mistakes at once. */
    checksTexts?: boolean
  }
}

/** Refuses bodies with control characters in a text: they would steer terminals that show them, and belong into no header. */
export function refuseControlCharacters(api: Api): void {
  api.addHook('preHandler', (request, _reply, done) => {
    // Documents come as bytes; routes/ reads and checks them.
    if (!Buffer.isBuffer(request.body) && !request.routeOptions.config.checksTexts)
      refuseMistakes(textMistakes(request.body))
    done()
  })
}

/** Throws a 422 that names every mistake, if there is one. */
export function refuseMistakes(mistakes: readonly FieldMistake[]): void {
  const [first] = mistakes
  if (first) throw new ApiRefusal('invalid', `${first.pointer}: ${first.problem}`, mistakes)
}
