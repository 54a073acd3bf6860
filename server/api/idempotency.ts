import { digestOf } from '../../base/canonical-json.ts'
import { BoundedMap } from '../../engine/index.ts'
import { ApiRefusal } from './problems.ts'

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
