import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

type StreamedElements = Iterable<unknown> | AsyncIterable<unknown>

/** An answer that is written as its reader takes it. */
export function streamed(reply: FastifyReply, text: Readable, type = 'application/json; charset=utf-8'): never {
  return reply.type(type).send(text) as never
}

/** Characters of a list that are serialised ahead of its reader. */
const chunkLength = 32 * 1024

/**
 * `{"<field>":[…],<others>}` as a stream: an element is serialised when the reader has taken those before it, and SIP is
 * served between two chunks, of all lists together.
 */
export function jsonList(field: string, elements: () => StreamedElements, others: object = {}): Readable {
  return Readable.from(chunks(field, elements, others), { objectMode: false, highWaterMark: chunkLength })
}

/** Texts as a stream: each is made when the reader has taken those before it, and SIP is served between them. */
export function textList(texts: AsyncIterable<string>): Readable {
  return byteList(bytesOf(texts))
}

/** Buffers as a stream, as `textList` makes one. */
export function byteList(buffers: Iterable<Buffer> | AsyncIterable<Buffer>): Readable {
  return Readable.from(inTurns(buffers), { objectMode: false, highWaterMark: chunkLength })
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text)
}

async function* inTurns(buffers: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const buffer of buffers) {
    yield buffer
    await turn()
  }
}

async function* chunks(field: string, elements: () => StreamedElements, others: object): AsyncGenerator<Buffer> {
  let text = `{${JSON.stringify(field)}:[`
  let isFirst = true
  await turn()
  for await (const element of elements()) {
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

/** Resolves when every list that asked before has had its turn: one list per turn of the event loop. */
export function turn(): Promise<void> {
  return (last = last.then(() => new Promise((resolve) => setImmediate(resolve))))
}
