import { textMistakes } from '../../routes/index.ts'
import { ApiRefusal, type Mistake } from './problems.ts'
import type { Api } from './typed.ts'

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
export function refuseMistakes(mistakes: readonly Mistake[]): void {
  const [first] = mistakes
  if (first) throw new ApiRefusal('invalid', `${first.pointer}: ${first.problem}`, mistakes)
}
