import type { FastifyInstance } from 'fastify'
import { ApiRefusal } from './problems.ts'

/** Answers up to this length are not counted: the bound on connections bounds them. */
const uncountedLength = 256 * 1024
/** What longer answers may take, all that are on their way together. */
const budgetLength = 32 * 1024 * 1024

/** Bounds the memory that long answers, such as whole tables, take while their readers have not taken them. */
export function budgetAnswers(api: FastifyInstance): void {
  let taken = 0

  api.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0
    if (length <= uncountedLength) {
      done(null, payload)

      return
    }
    if (taken + length > budgetLength) {
      void reply.header('retry-after', '1')
      done(new ApiRefusal('busy', 'Too many long answers are on their way; ask again in a moment.'))

      return
    }
    taken += length
    reply.raw.once('close', () => (taken -= length))
    done(null, payload)
  })
}
