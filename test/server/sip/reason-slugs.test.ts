import assert from 'node:assert/strict'
import { parseMessage } from '../../../engine/index.ts'
import { slug } from '../../../metrics/labels.ts'
import { countedBySlug } from '../../../server/sip/embedded/reason-slugs.ts'

describe('reasons of bad messages', () => {
  it('are slugs that a metric may have for a label, without names that strangers choose', () => {
    const counts = countedBySlug(
      new Map([
        ['there is no start line', 3],
        ['Bad Request (malformed Via)', 2],
        ['2 From headers', 1],
        ['3 From headers', 1],
        ['X-Anything is longer than 8192 bytes', 1],
        ['X-Other is longer than 8192 bytes', 1],
        ['Version Not Supported', 1],
      ]),
    )
    assert.deepEqual(Object.fromEntries(counts), {
      there_is_no_start_line: 3,
      malformed_via: 2,
      from_headers: 2,
      header_too_long: 2,
      version_not_supported: 1,
    })
    for (const reason of counts.keys()) assert.equal(slug.guard(reason), reason)
  })

  it('are told apart for what the parser says', () => {
    for (const text of ['x', 'INVITE sip:a@b SIP/2.0\r\nl: x\r\n\r\n', 'A B C D\r\n\r\n']) {
      const message = parseMessage(text)
      assert.ok(message.kind === 'bad')
      const [reason = ''] = countedBySlug(new Map([[message.reason, 1]])).keys()
      assert.equal(slug.guard(reason), reason, message.reason)
    }
  })
})
