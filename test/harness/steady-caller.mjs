// A caller and its agent in a thread of their own: a short call every so often, and how late each was answered. The test that
// attacks Baton meanwhile does not delay what is measured.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'

const { number, baton } = workerData
const [batonHost, batonPort] = baton.split(':')
const caller = createSocket('udp4')
const agent = createSocket('udp4')
caller.bind(0, '127.0.0.1')
agent.bind(0, '127.0.0.1')
await Promise.all([once(caller, 'listening'), once(agent, 'listening')])
const callerPort = caller.address().port
const agentPort = agent.address().port

const header = (text, name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1].trim() ?? ''
const headers = (text, name) => [...text.matchAll(new RegExp(`^${name}:.*$`, 'gim'))].map(([line]) => line.trim())
const sdp = (port) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`
const message = (lines, body = '') =>
  [...lines, ...(body && ['Content-Type: application/sdp']), `Content-Length: ${body.length}`, '', body].join('\r\n')
const send = (socket, text) => socket.send(text, Number(batonPort), batonHost)

agent.on('message', (bytes) => {
  const text = String(bytes)
  const [method] = text.split(' ', 1)
  if (method !== 'INVITE' && method !== 'BYE') return
  const to = header(text, 'To')
  const lines = [
    'SIP/2.0 200 OK',
    ...headers(text, 'Via'),
    ...headers(text, 'Record-Route'),
    `From: ${header(text, 'From')}`,
    `To: ${to.includes(';tag=') ? to : `${to};tag=agent`}`,
    `Call-ID: ${header(text, 'Call-ID')}`,
    `CSeq: ${header(text, 'CSeq')}`,
    `Contact: <sip:agent@127.0.0.1:${agentPort}>`,
  ]
  send(agent, message(lines, method === 'INVITE' ? sdp(40002) : ''))
})

/** Calls that are being set up: when they began, by Call-ID. */
const began = new Map()
const run = Math.random().toString(36).slice(2)
let placed = 0
let answered = 0
let latest = 0
const request = (method, uri, callId, cseq, to, body) =>
  message(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${callerPort};branch=z9hG4bK${callId}${method}`,
      'Max-Forwards: 70',
      `From: <sip:+14155550123@127.0.0.1>;tag=${callId}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:caller@127.0.0.1:${callerPort}>`,
    ],
    body,
  )

caller.on('message', (bytes) => {
  const text = String(bytes)
  const callId = header(text, 'Call-ID')
  const start = began.get(callId)
  if (!text.startsWith('SIP/2.0 200') || !header(text, 'CSeq').endsWith('INVITE') || start === undefined) return
  began.delete(callId)
  answered++
  latest = Math.max(latest, performance.now() - start)
  const uri = /<([^>]*)>/.exec(header(text, 'Contact'))?.[1] ?? ''
  const to = header(text, 'To')
  send(caller, request('ACK', uri, callId, 1, to))
  send(caller, request('BYE', uri, callId, 2, to))
})

let timer
parentPort.on('message', (order) => {
  clearInterval(timer)
  if (order.everyMs !== undefined) {
    timer = setInterval(() => {
      const callId = `${run}-${++placed}`
      began.set(callId, performance.now())
      send(caller, request('INVITE', `sip:${number}@${baton}`, callId, 1, `<sip:${number}@${baton}>`, sdp(40000)))
    }, order.everyMs)
  }
  if (order.report) {
    // A call that is still not answered is at least as late as it is now.
    for (const start of began.values()) latest = Math.max(latest, performance.now() - start)
    parentPort.postMessage({ placed, answered, latestMs: latest })
    latest = 0
    began.clear()
  }
})
parentPort.postMessage({ agentPort })
