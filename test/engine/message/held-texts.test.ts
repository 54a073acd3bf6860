import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { headerName } from '../../../engine/index.ts'
import { outputName } from '../../../engine/drachtio/protocol/sip-text.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

describe('the spelling of a header name', () => {
  for (const [what, learn] of [
    ['the engine', headerName],
    ['a drachtio application', outputName],
  ] as const) {
    it(`that ${what} keeps does not hold the message that it came in`, () => {
      collect()
      const before = process.memoryUsage().heapUsed
      for (let i = 0; i < 500; i++) {
        const message = `X-${what.length}-Unusual-Header-Name-${i}: ${'x'.repeat(65_536)}${i}`
        learn(Buffer.from(message).toString('latin1').slice(0, message.indexOf(':')))
      }
      collect()
      const grown = process.memoryUsage().heapUsed - before
      assert.ok(grown < 8 * 1024 * 1024, `${Math.round(grown / 1024)} KiB are held`)
    })
  }
})
