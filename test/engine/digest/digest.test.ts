import assert from 'node:assert/strict'
import { createRequest, Response } from '../../../engine/index.ts'
import {
  type Credentials,
  digest,
  DigestSession,
  formatDigest,
  parseDigest,
  RequestAuthorization,
} from '../../../engine/digest/index.ts'

const invite = () =>
  createRequest({
    method: 'INVITE',
    uri: 'sip:bob@biloxi.com',
    from: '<sip:a@b>;tag=1',
    to: '<sip:bob@biloxi.com>',
    callId: 'c',
    cseq: 1,
  })
const request = invite()

function challenged(status: 401 | 407, ...challenges: string[]): Response {
  const response = new Response(status)
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
  for (const challenge of challenges) response.add(name, challenge)

  return response
}

const ours = { username: 'u', password: 'p' }
const hop = 'sip:biloxi.com'
const address = '192.0.2.1'

/** Answers the challenges to one request of a dialog. */
const authorization = (credentials: Credentials | undefined = ours, session = new DigestSession(() => credentials)) =>
  new RequestAuthorization(session, hop)

describe('digest authentication', () => {
  // RFC 7616 3.9.1, whose method is GET.
  const example = {
    username: 'Mufasa',
    password: 'Circle of Life',
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    auth: { cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ', nc: '00000001' },
  }

  it('computes what RFC 7616 computes, with MD5 and with SHA-256', () => {
    assert.equal(digest({ ...example, algorithm: 'MD5' }), '8ca523f5e9506fed4657c9700eebdbec')
    assert.equal(
      digest({ ...example, algorithm: 'SHA-256' }),
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    )
  })

  it('computes what RFC 2617 computes, and what RFC 2069 does without qop', () => {
    const rfc2617 = {
      ...example,
      algorithm: undefined,
      password: 'Circle Of Life',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      auth: { cnonce: '0a4f113b', nc: '00000001' },
    }
    assert.equal(digest(rfc2617), '6629fae49393a05397450978507c4ef1')
    assert.equal(digest({ ...rfc2617, auth: undefined }), '670fd8c2df070c60b045671b8b24ff02')
    assert.equal(digest({ ...example, algorithm: 'AKAv1-MD5' }), undefined)
  })

  it('reads and writes challenges, commas and quotes included', () => {
    const params = parseDigest('Digest realm="a, \\"b\\"", nonce="n==",stale=FALSE, qop="auth,auth-int"')
    assert.deepEqual(
      [...(params ?? [])],
      [
        ['realm', 'a, "b"'],
        ['nonce', 'n=='],
        ['stale', 'FALSE'],
        ['qop', 'auth,auth-int'],
      ],
    )
    assert.equal(parseDigest('Basic realm="a"'), undefined)
    assert.equal(formatDigest([['realm', 'a "b"']]), 'Digest realm="a \\"b\\""')
  })

  it('answers the first challenge of a realm that it can (RFC 8760)', () => {
    const response = challenged(
      401,
      'Digest realm="r", nonce="0", algorithm=AKAv1-MD5',
      'Digest realm="r", nonce="1", algorithm=SHA-256, qop="auth", opaque="o"',
      'Digest realm="r", nonce="2", algorithm=MD5',
    )
    const answers = authorization().answer(response, request, address)
    assert.equal(answers?.length, 1)
    const [[name, value] = []] = answers
    assert.equal(name, 'Authorization')
    const params = parseDigest(value ?? '')
    const shown = ['username', 'realm', 'nonce', 'uri', 'algorithm', 'opaque', 'qop', 'nc'].map((key) =>
      params?.get(key),
    )
    assert.deepEqual(shown, ['u', 'r', '1', 'sip:bob@biloxi.com', 'SHA-256', 'o', 'auth', '00000001'])
    const { username, password } = { username: 'u', password: 'p' }
    const auth = { cnonce: params?.get('cnonce') ?? '', nc: '00000001' }
    const { method, uri } = request
    const expected = digest({ algorithm: 'SHA-256', username, password, realm: 'r', nonce: '1', method, uri, auth })
    assert.equal(params?.get('response'), expected)
  })

  it('answers every realm that challenges, unless the credentials are bound to one', () => {
    const response = challenged(407, 'Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2"')
    assert.deepEqual(
      authorization()
        .answer(response, request, address)
        ?.map(([name]) => name),
      ['Proxy-Authorization', 'Proxy-Authorization'],
    )
    assert.equal(authorization({ ...ours, realm: 'b' }).answer(response, request, address)?.length, 1)
    assert.equal(authorization({ ...ours, realm: 'c' }).answer(response, request, address), undefined)
  })

  it('asks for the credentials of the hop that the request went to, and answers nothing without them', () => {
    const asked: unknown[] = []
    const session = new DigestSession((to) => {
      asked.push(to)

      return undefined
    })
    const response = challenged(401, 'Digest realm="a", nonce="1"')
    assert.equal(new RequestAuthorization(session, hop).answer(response, request, address), undefined)
    assert.deepEqual(asked, [{ uri: hop, address }])
  })

  it('answers again for a nonce that is stale, and not when its answer was wrong', () => {
    const sent = authorization()
    sent.answer(challenged(401, 'Digest realm="a", nonce="1"'), request, address)
    assert.equal(sent.answer(challenged(401, 'Digest realm="a", nonce="2"'), request, address), undefined)
    assert.deepEqual(sent.preemptive(request, address), [], 'what was wrong is not said again')
    const other = authorization()
    other.answer(challenged(401, 'Digest realm="a", nonce="1"'), request, address)
    const stale = challenged(401, 'Digest realm="a", nonce="2", stale=TRUE')
    const [again] = other.answer(stale, request, address) ?? []
    assert.equal(parseDigest(again?.[1] ?? '')?.get('nonce'), '2')
    // No peer can have us ask for ever.
    assert.notEqual(other.answer(stale, request, address), undefined)
    assert.equal(other.answer(stale, request, address), undefined)
  })

  it('keeps what it has answered to others, with the next count of their nonces (RFC 7616 3.4)', () => {
    const sent = authorization()
    sent.answer(challenged(407, 'Digest realm="proxy", nonce="1", qop="auth"'), request, address)
    const second = sent.answer(challenged(401, 'Digest realm="server", nonce="2", qop="auth"'), request, address)
    assert.deepEqual(
      second?.map(([name, value]) => [name, parseDigest(value)?.get('realm'), parseDigest(value)?.get('nc')]),
      [
        ['Proxy-Authorization', 'proxy', '00000002'],
        ['Authorization', 'server', '00000001'],
      ],
    )
  })

  it('authorises the later requests of a dialog before they are challenged, and heeds nextnonce (RFC 7616 3.5)', () => {
    const session = new DigestSession(() => ours)
    const shown = () =>
      new RequestAuthorization(session, hop).preemptive(request, address).map(([, value]) => {
        const params = parseDigest(value)

        return `${params?.get('nonce')} ${params?.get('nc')}`
      })
    assert.deepEqual(shown(), [])
    authorization(ours, session).answer(challenged(401, 'Digest realm="a", nonce="n1", qop="auth"'), request, address)
    assert.deepEqual([...shown(), ...shown()], ['n1 00000002', 'n1 00000003'])
    session.succeeded(new Response(200).add('Authentication-Info', 'qop=auth, nextnonce="n2"'))
    assert.deepEqual(shown(), ['n2 00000001'])
    session.succeeded(new Response(200).add('Authentication-Info', 'nextnonce='))
    session.succeeded(new Response(200).add('Authentication-Info', '"'))
    assert.deepEqual(shown(), ['n2 00000002'])
    // The same nonce once more: its counts go on.
    const again = authorization(ours, session).answer(
      challenged(401, 'Digest realm="a", nonce="n2", qop="auth"'),
      request,
      address,
    )
    assert.equal(parseDigest(again?.[0]?.[1] ?? '')?.get('nc'), '00000003')
  })

  it('says nothing to a hop that is another one than has challenged', () => {
    const session = new DigestSession(({ address: to }) => (to === address ? ours : undefined))
    authorization(ours, session).answer(challenged(401, 'Digest realm="a", nonce="1"'), request, address)
    assert.equal(authorization(ours, session).preemptive(request, address).length, 1)
    assert.deepEqual(authorization(ours, session).preemptive(request, '198.51.100.1'), [])
  })

  it('remembers a bounded number of realms in a dialog, those that challenged last', () => {
    const session = new DigestSession(() => ours)
    for (let i = 0; i < 1000; i++) {
      authorization(ours, session).answer(challenged(401, `Digest realm="r${i}", nonce="n"`), request, address)
    }
    const realms = authorization(ours, session)
      .preemptive(request, address)
      .map(([, value]) => parseDigest(value)?.get('realm'))

    assert.deepEqual(realms, ['r992', 'r993', 'r994', 'r995', 'r996', 'r997', 'r998', 'r999'])
  })

  it('does not answer what it cannot: no nonce, auth-int alone, another scheme', () => {
    for (const challenge of ['Digest realm="a"', 'Digest realm="a", nonce="n", qop="auth-int"', 'Basic realm="a"']) {
      assert.equal(authorization().answer(challenged(401, challenge), request, address), undefined)
    }
  })
})
