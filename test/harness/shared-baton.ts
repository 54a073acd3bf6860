import { Baton, type BatonOptions } from './baton.ts'

/** Those whose tests are over, until RFC 3261's timers have run out in them; the files' other tests go on meanwhile. */
const leaving: Leaving[] = []
/** How many may wait at the same time. */
const most = 4

/**
 * One Baton for all tests of the `describe` it is called in. When they are over, nothing may be left in it: no dialog,
 * and, once RFC 3261's timers have run out, no transaction.
 */
export function sharedBaton(options: BatonOptions | (() => Promise<BatonOptions>)): () => Baton {
  let baton: Baton | undefined
  before(async () => {
    if (leaving.length >= most) await leaving[0]?.gone()
    baton = await Baton.start(typeof options === 'function' ? await options() : options)
  })
  after(function () {
    if (!baton || !this.test?.parent) return
    const { parent } = this.test
    const left = new Leaving(baton, parent.fullTitle())
    rootOf(parent).afterAll(() => left.gone())
  })

  return () => {
    if (!baton) throw new Error('Baton has not started')

    return baton
  }
}

class Leaving {
  readonly #gone: Promise<void>

  constructor(baton: Baton, title: string) {
    leaving.push(this)
    this.#gone = baton
      .idle(['baton_engine_transactions', 'baton_engine_dialogs'], 30)
      .catch((error: unknown) => {
        throw new Error(`${title}: ${String(error)}`)
      })
      .finally(() => leaving.splice(leaving.indexOf(this), 1))
      .finally(() => baton.stop())
    // Those that wait for it get the error.
    this.#gone.catch(() => undefined)
  }

  gone(): Promise<void> {
    return this.#gone
  }
}

const rootOf = (suite: Mocha.Suite): Mocha.Suite => (suite.parent ? rootOf(suite.parent) : suite)
