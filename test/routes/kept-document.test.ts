import assert from 'node:assert/strict'
import { KeptDocument } from '../../routes/index.ts'
import { silentLog } from '../../routes/store/store.ts'
import type { DocumentStore, StoredDocument } from '../../routes/store/kept-document.ts'
import { until } from '../harness/until.ts'

/** A store in memory that can lose what it has. */
class ForgetfulStore implements DocumentStore {
  stored: StoredDocument = { revision: 0, text: '' }
  isAway = false

  read(known: number): Promise<StoredDocument | undefined> {
    if (this.isAway) return Promise.reject(new Error('no connection'))

    return Promise.resolve(this.stored.revision === known ? undefined : this.stored)
  }

  write(text: string, expected: number, revision: number): Promise<boolean> {
    const isExpected = this.stored.revision === expected
    if (isExpected) this.stored = { revision, text }

    return Promise.resolve(isExpected)
  }
}

describe('a kept document', () => {
  const open = (store: DocumentStore) =>
    KeptDocument.open<string[]>({
      ...{ store, log: silentLog, what: 'words', empty: [] },
      read: (text) => JSON.parse(text) as string[],
    })

  it('that its store has lost is restored once, and a change that follows stays', async () => {
    const store = new ForgetfulStore()
    const [one, other] = [await open(store), await open(store)]
    for (const word of ['a', 'b', 'c']) await one.change((words) => [...words, word])
    await until('the other has followed', () => other.now?.length === 3)
    store.stored = { revision: 0, text: '' }
    await one.change((words) => words.filter((word) => word !== 'b'))
    await other.change((words) => [...words, 'd'])
    await until('both agree', () => one.now?.join() === 'a,c,d' && other.now?.join() === 'a,c,d')
    one.close()
    other.close()
  })

  it('tells of what others have changed, and refuses changes while the store is away', async () => {
    const store = new ForgetfulStore()
    const [one, other] = [await open(store), await open(store)]
    const told: string[] = []
    other.onChange((words) => told.push(words.join()))
    await one.change(() => ['a'])
    await until('the other is told', () => told.join() === 'a')
    store.isAway = true
    await assert.rejects(
      one.change(() => ['b']),
      { status: 503, slug: 'store_unavailable' },
    )
    assert.deepEqual(one.now, ['a'])
    one.close()
    other.close()
  })
})
