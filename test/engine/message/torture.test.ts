import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createResponse, parseMessage, problemOf, validate } from '../../../engine/message/index.ts'
import type { Fixture } from './torture/fixture.ts'
import { invalidMessages } from './torture/rfc4475-invalid.ts'
import { upperLayerMessages } from './torture/rfc4475-upper-layers.ts'
import { validMessages } from './torture/rfc4475-valid.ts'
import { ipv6Messages } from './torture/rfc5118.ts'

function outcome(text: string): Fixture['expected'] {
  const message = parseMessage(Buffer.from(text, 'latin1'))
  if (message.kind === 'request') return validate(message)?.status ?? 'accept'
  if (message.kind === 'response') return problemOf(message) === undefined ? 'accept' : 'drop'

  return message.method === undefined ? 'drop' : message.status
}

for (const [rfc, fixtures] of [
  ['RFC 4475', [...validMessages, ...invalidMessages, ...upperLayerMessages]],
  ['RFC 5118', ipv6Messages],
] as const) {
  describe(`${rfc}'s torture message`, () => {
    for (const { name, text, expected } of fixtures) {
      it(`${name}: ${typeof expected === 'number' ? `gets a ${expected}` : expected}`, () => {
        assert.equal(outcome(text), expected)
        const message = parseMessage(text)
        if (message.kind === 'bad') return
        assert(text.startsWith(message.toString()))
        message.add('X-Changed', '1')
        const again = parseMessage(message.toString())
        assert.deepEqual(
          [...again.entries()].filter(([header]) => header !== 'Content-Length'),
          [...message.entries()].filter(([header]) => header !== 'Content-Length'),
        )
        assert.equal(again.body, message.body)
      })
    }
  })
}

function request(name: string) {
  const found = [...validMessages, ...upperLayerMessages, ...ipv6Messages].find((each) => each.name.includes(name))
  const message = parseMessage(found?.text ?? '')
  assert(message.kind === 'request')

  return message
}

describe('what a torture message says', () => {
  it('is read through folds, blanks, escapes and odd case (wsinv)', () => {
    const message = request('wsinv')
    assert.equal(message.to?.uri, 'sip:vivekg@chair-dnrc.example.com')
    assert.equal(message.toTag, '1918181833n')
    assert.equal(message.from?.displayName, String.raw`J Rosenberg \"`)
    assert.equal(message.fromTag, '98asjd8')
    assert.equal(message.maxForwards, 68)
    assert.deepEqual(message.cseq, { number: 9, method: 'INVITE' })
    assert.equal(message.via?.transport, 'UDP')
    assert.equal(message.via.host, '192.0.2.2')
    assert.equal(message.via.branch, '390skdjuw')
    assert.equal(message.list('Via').length, 3)
    assert.equal(message.header('subject'), '')
    assert.equal(message.header('NewFangledHeader'), 'newfangled value continued newfangled value')
    assert.equal(message.contact?.displayName, 'Quoted string ""')
    assert.equal(message.contact.params.get('newparam'), 'newvalue')
    assert.equal(message.contact.params.get('q'), '0.33')
    assert.equal(message.body.length, 150)
  })

  it('may use every character that the grammar allows (intmeth)', () => {
    const message = request('intmeth')
    assert.equal(message.to?.displayName, 'BEL:\x07 NUL:\x00 DEL:\x7f')
    assert.equal(message.from?.displayName, "token1~` token2'+_ token3*%!.-")
    assert.equal(message.fromTag, "_token~1'+`*%!-.")
    assert.equal(Buffer.from(message.header("extensionHeader-!.%*+_`'~") ?? '', 'latin1').toString(), '\ufeff大停電')
  })

  it('ends with its body: what follows in the datagram is left out (dblreq)', () => {
    const message = request('dblreq')
    assert.equal(message.method, 'REGISTER')
    assert.equal(message.body, '')
    assert(!message.toString().includes('INVITE'))
  })

  it('keeps received readable with and without brackets (RFC 5118 4.5)', async () => {
    const { receivedOf } = await import('../../../engine/message/index.ts')
    for (const name of ['with-delim', 'no-delim']) assert.equal(receivedOf(request(name).via!), '2001:db8::9:255')
  })

  it('can be bad and still be answered, when it has what an answer is made of', () => {
    const answerable = invalidMessages
      .map(({ text }) => parseMessage(text))
      .filter((message) => message.kind === 'bad')
      .filter((message) => message.isAnswerable)
    assert.equal(answerable.length, 5)
    for (const message of answerable) {
      const answer = parseMessage(createResponse(message, message.status, undefined, 't').toString())
      assert(answer.kind === 'response')
      assert.equal(answer.status, 400)
      assert.equal(answer.callId, message.callId)
    }
  })
})
