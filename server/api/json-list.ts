import { Readable } from 'node:stream'

/** What is made of a list before its reader has taken what there is, in characters. */
const chunkLength = 32 * 1024

/**
 * `{"<field>":[…],<others>}` as a stream: an element is made when the reader has taken those before it, and between two chunks, of
 * whichever list, SIP has its turn.
 */
export function jsonList(field: string, elements: () => Iterable<unknown>, others: object = {}): Readable {
  return Readable.from(chunks(field, elements, others), { objectMode: false, highWaterMark: chunkLength })
}

async function* chunks(field: string, elements: () => Iterable<unknown>, others: object): AsyncGenerator<Buffer> {
  let text = `{${JSON.stringify(field)}:[`
  let isFirst = true
  await turn()
  for (const element of elements()) {
    text += `${isFirst ? '' : ','}${JSON.stringify(element)}`
    isFirst = false
    if (text.length < chunkLength) continue
    yield Buffer.from(text)
    text = ''
    await turn()
  }
  const rest = JSON.stringify(others).slice(1)
  yield Buffer.from(`${text}]${rest === '}' ? '' : ','}${rest}`)
}

/** The turn of the list that asked last. */
let last: Promise<void> = Promise.resolve()

/** Resolves when every list that asked before has had its turn, one in each turn of the event loop. */
function turn(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(resolve))))
}
