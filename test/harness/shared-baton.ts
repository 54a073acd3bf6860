import { Baton, type BatonOptions } from './baton.ts'

/**
 * One Baton for all tests of the `describe` it is called in. When they are over, nothing may be left in it: no dialog,
 * and, once RFC 3261's timers have run out, no transaction.
 */
export function sharedBaton(options: BatonOptions | (() => Promise<BatonOptions>)): () => Baton {
  let baton: Baton | undefined
  before(async () => {
    baton = await Baton.start(typeof options === 'function' ? await options() : options)
  })
  after(async () => {
    if (!baton) return
    try {
      await baton.idle(['baton_engine_transactions', 'baton_engine_dialogs'])
    } finally {
      await baton.stop()
    }
  })

  return () => {
    if (!baton) throw new Error('Baton has not started')

    return baton
  }
}
