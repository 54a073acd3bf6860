import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { boundHttpServer, KeptText, networkOf, type HttpBounds } from '../../../engine/index.ts'

describe('an HTTP listener', () => {
  let server: Server
  let cutOffs: string[]
  const sockets: Socket[] = []

  async function open(serve: RequestListener, bounds: Partial<HttpBounds> = {}): Promise<void> {
    server = createServer(serve)
    cutOffs = []
    boundHttpServer(server, { connections: 20, connectionsBySource: 10, ...bounds }, (why) => cutOffs.push(why))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }

  function dial(): Socket {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    // A connection that is cut off ends in an error, or simply ends.
    socket.on('error', () => undefined)
    sockets.push(socket)

    return socket
  }

  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    server.closeAllConnections()
    server.close()
  })

  it('answers pipelined requests in order, one at a time', async () => {
    let atOnce = 0
    let most = 0
    await open((request, response) => {
      most = Math.max(most, ++atOnce)
      setTimeout(() => {
        atOnce--
        response.end(`<${request.url ?? ''}>`)
      }, 2)
    })
    const socket = dial()
    socket.write(['/1', '/2', '/3', '/4', '/5'].map(get).join(''))
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    while (!text.includes('</5>')) await once(socket, 'data')

    assert.deepEqual(text.match(/<\/\d>/g), ['</1>', '</2>', '</3>', '</4>', '</5>'])
    assert.equal(most, 1)
    assert.deepEqual(cutOffs, [])
  })

  it('closes a connection on which too many requests wait, without looking at the rest', async () => {
    let served = 0
    await open(() => served++)
    const socket = dial()
    const closed = once(socket, 'close')
    socket.resume().write(get('/').repeat(1500))
    await closed

    assert.equal(served, 1)
    assert.deepEqual(cutOffs, ['pipelined'])
  })

  it('takes so many connections from one source, and more when some have closed', async () => {
    await open((_request, response) => response.end('here'), { connectionsBySource: 2 })
    const ours: Socket[] = []
    server.on('connection', (socket: Socket) => ours.push(socket))
    const first = dial()
    await once(first, 'connect')
    const second = dial()
    await once(second, 'connect')
    const third = dial()
    third.resume().write(get('/'))
    await once(third, 'close')
    assert.deepEqual(cutOffs, ['connections_by_source'])

    const left = once(ours[0]!, 'close')
    first.destroy()
    await left
    const fourth = dial()
    fourth.write(get('/'))
    assert.match(String(await once(fourth, 'data')), /here/)
  })

  it('takes so many connections in all', async () => {
    await open((_request, response) => response.end('here'), { connections: 2 })
    const [first, second] = [dial(), dial()]
    await Promise.all([once(first, 'connect'), once(second, 'connect')])
    const third = dial()
    third.resume()
    await once(third, 'close')

    assert.deepEqual(cutOffs, ['connections'])
  })

  it('cuts off a client that takes nothing of its answer, and has no more than that answer waiting for it', async () => {
    const long = Buffer.alloc(16 * 1024 * 1024, 'x')
    let served = 0
    await open(
      (_request, response) => {
        served++
        response.end(long)
      },
      { stalledWriteMs: 100 },
    )
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const socket = dial()
    socket.write(get('/').repeat(3))
    const [ours] = await accepted
    await once(ours, 'close')

    assert.equal(served, 1)
    assert.deepEqual(cutOffs, ['stalled'])
  })
})

describe('the source of a connection', () => {
  it('is an IPv4 address, or the /64 of an IPv6 address', () => {
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::9'))
    assert.notEqual(networkOf('2001:db8:1:2::9'), networkOf('2001:db8:1:3::9'))
    assert.equal(networkOf('fe80::1%lo'), networkOf('fe80::2'))
  })
})

describe('a text that is kept', () => {
  it('is made once for all that ask meanwhile, anew for each that asks now and then, and seldom for a flood', async () => {
    let now = 0
    let made = 0
    const kept = new KeptText(
      async () => {
        now += 10
        await Promise.resolve()

        return String(++made)
      },
      () => now,
    )
    const texts = await Promise.all([kept.read(), kept.read()])
    assert.deepEqual(
      texts.map(({ bytes, age }) => [String(bytes), age]),
      [
        ['1', 0],
        ['1', 1],
      ],
    )
    const { bytes, age } = await kept.read()
    assert.deepEqual([String(bytes), age], ['2', 0])
    for (let i = 0; i < 1000; i++) await kept.read()
    const flooded = made
    assert.ok(flooded < 10, `made ${flooded} times`)
    assert.equal((await kept.read()).age, 1)
    // A tenth of the time is for making it.
    now += 1000
    for (let i = 0; i < 1000; i++) await kept.read()
    assert.ok(made - flooded >= 4 && made - flooded <= 7, `made ${made - flooded} times`)
  })

  it('is made anew after it could not be made', async () => {
    let made = 0
    const kept = new KeptText(() => (made++ === 0 ? Promise.reject(new Error('no')) : Promise.resolve('yes')))
    await assert.rejects(kept.read(), /no/)
    assert.equal(String((await kept.read()).bytes), 'yes')
  })
})
