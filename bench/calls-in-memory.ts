/**
 * A process of its own: a whole Baton, its caller and its agent, whose datagrams pass in memory. Prints, on the standard
 * error, the bytes that one call allocates, and those that a call keeps while it is up and idle. Neither the kernel, nor the
 * machine's load, nor its speed changes them much.
 */
import dgram, { type Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Enough for V8 to compile what a call runs. */
const warmUpCalls = 5000
const measuredCalls = 2000
const rounds = 3
/** Calls that are up at once while others come and go, and at the end. */
const heldWhileMeasured = 300
const heldCalls = 5000
const newCallsPerTurn = 5
/** Longer than the transactions of a call live after it is answered (64*T1). */
const idleAfterMs = 40_000
/** Two collections a second apart leave as much, but for these bytes: the disk has what was written behind. */
const settledBytes = 50_000
const maxSettlingTries = 60

const callerPort = 7001
const agentPort = 7002
const host = '127.0.0.1'

/** Takes the datagrams that Baton sends, and brings those of its peers. */
class SocketInMemory extends EventEmitter {
  bind(): this {
    queueMicrotask(() => this.emit('listening'))

    return this
  }

  address() {
    return { address: host, port: 5060, family: 'IPv4' }
  }

  setRecvBufferSize(): void {
    // There is no buffer.
  }

  send(data: Buffer, port: number, _address: string, sent?: (error: null) => void): void {
    // As Node's sockets do: not before the sender has returned.
    process.nextTick(() => {
      sent?.(null)
      received(data.toString('latin1'), port)
    })
  }

  close(closed?: () => void): void {
    closed?.()
  }
}

/** By how much both clocks of the process are ahead. */
let skippedMs = 0
const passed = performance.now.bind(performance)
const today = Date.now
performance.now = () => passed() + skippedMs
Date.now = () => today() + Math.round(skippedMs)

v8.setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const socket = new SocketInMemory()
dgram.createSocket = () => socket as unknown as Socket
syncBuiltinESMExports()

const offer = sdp(callerPort, '0 8 101')
const answer = sdp(agentPort, '0 101')
let begun = 0
let ended = 0
/** The To of each call that is up, with Baton's tag, the oldest first. */
const up: { id: number; to: string }[] = []
/** The agent's messages that are to be delivered. */
let agentMessages: string[] = []

const folder = mkdtempSync(join(tmpdir(), 'baton-bench-memory-'))
const app = await startBaton()
await placeCalls(warmUpCalls)
const bytes: number[] = []
for (let round = 0; round < rounds; round++) {
  const all = await allocated(() => placeCalls(measuredCalls))
  bytes.push(all / measuredCalls)
}
bytes.sort((a, b) => a - b)
const bytesPerCallUp = await keptByCalls()
process.stderr.write(
  `${JSON.stringify({ bytesPerCall: Math.round(bytes[Math.floor(rounds / 2)] ?? NaN), bytesPerCallUp })}\n`,
)
await app.close()
rmSync(folder, { recursive: true, force: true })
process.exit(0)

async function startBaton() {
  const { loadSettings } = await import('../config/index.ts')
  const { createLog } = await import('../server/log.ts')
  const { start } = await import('../server/start.ts')
  const project = join(folder, 'bench.json')
  writeFileSync(
    project,
    JSON.stringify({
      project: 'bench',
      environments: { live: { numbers: ['+14155550100'], agents: [`sip:agent@${host}:${agentPort}`] } },
      table: { handoffs: [{ name: 'desk', description: 'Not called', default: true, route: `sip:desk@${host}:9` }] },
    }),
  )
  const env = {
    LOG_FORMAT: 'json',
    SIP_LISTEN: `udp:${host}:5060`,
    HTTP_LISTEN: `${host}:0`,
    METRICS_LISTEN: `${host}:0`,
    DATA_DIR: join(folder, 'data'),
    PROJECTS: project,
    OVERLOAD_LAG: '0',
  }
  const settings = loadSettings({ env, terminal: false })

  return start(settings, createLog(settings.log))
}

async function placeCalls(count: number): Promise<void> {
  const all = begun + count
  const over = ended + count
  while (ended < over) {
    for (let each = 0; each < newCallsPerTurn && begun < all; each++) invite(begun++)
    await turn()
    deliverAgentMessages()
    for (let surplus = begun === all ? newCallsPerTurn : up.length - heldWhileMeasured; surplus > 0; surplus--) hangUp()
    await turn()
    deliverAgentMessages()
  }
}

/** What each of many calls keeps once its transactions are over. */
async function keptByCalls(): Promise<number> {
  const before = await idleBytes()
  const all = begun + heldCalls
  while (up.length < heldCalls) {
    for (let each = 0; each < newCallsPerTurn && begun < all; each++) invite(begun++)
    await turn()
    deliverAgentMessages()
  }

  return Math.round(((await idleBytes()) - before) / heldCalls)
}

/** Bytes of the heap, and outside it, when every transaction is over and what is written behind has been written. */
async function idleBytes(): Promise<number> {
  skippedMs += idleAfterMs
  let last = Infinity
  for (let tries = 0; tries < maxSettlingTries; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    const held = heapUsed + external
    if (Math.abs(held - last) < settledBytes) return held
    last = held
  }
  throw new Error(`the heap has not settled: ${last} bytes`)
}

/** What the heap grew by between collections, all collections together. */
async function allocated(work: () => Promise<void>): Promise<number> {
  const profiler = new v8.GCProfiler()
  profiler.start()
  let used = v8.getHeapStatistics().used_heap_size
  let total = 0
  await work()
  for (const { beforeGC, afterGC } of profiler.stop().statistics) {
    total += beforeGC.heapStatistics.usedHeapSize - used
    used = afterGC.heapStatistics.usedHeapSize
  }

  return total + v8.getHeapStatistics().used_heap_size - used
}

function received(text: string, port: number): void {
  if (port === agentPort) answerAsAgent(text)
  else if (text.startsWith('SIP/2.0 200')) answeredToCaller(text)
  else if (/^SIP\/2\.0 [3-6]/.test(text)) throw new Error(`a call failed:\n${text}`)
}

function answerAsAgent(text: string): void {
  const via = `Via: ${header(text, 'Via')}\r\nFrom: ${header(text, 'From')}\r\nTo: ${header(text, 'To')}`
  const rest = `\r\nCall-ID: ${header(text, 'Call-ID')}\r\nCSeq: ${header(text, 'CSeq')}\r\nContact: <sip:${host}:${agentPort}>\r\n`
  if (text.startsWith('INVITE ')) {
    const tag = `;tag=99-callee-${begun}`
    agentMessages.push(`SIP/2.0 180 Ringing\r\n${via}${tag}${rest}Content-Length: 0\r\n\r\n`)
    agentMessages.push(`SIP/2.0 200 OK\r\n${via}${tag}${rest}${body(answer)}`)
  } else if (text.startsWith('BYE ')) {
    agentMessages.push(`SIP/2.0 200 OK\r\n${via}${rest}Content-Length: 0\r\n\r\n`)
  }
}

function answeredToCaller(text: string): void {
  const id = parseInt(header(text, 'Call-ID'), 10)
  if (header(text, 'CSeq') !== '1 INVITE') {
    ended++
    return
  }
  const to = header(text, 'To')
  send('ACK', id, to, '1 ACK', 'Content-Length: 0\r\n\r\n')
  // A slice would keep the whole response, for which Baton is not to blame.
  up.push({ id, to: Buffer.from(to, 'latin1').toString('latin1') })
}

function invite(id: number): void {
  send('INVITE', id, `<sip:+14155550100@${host}:5060>`, '1 INVITE', `X-Customer: gold-42\r\n${body(offer)}`)
}

function hangUp(): void {
  const call = up.shift()
  if (call) send('BYE', call.id, call.to, '2 BYE', 'Content-Length: 0\r\n\r\n')
}

/** A request of the caller. */
function send(method: string, id: number, to: string, cseq: string, rest: string): void {
  deliver(
    `${method} sip:+14155550100@${host}:5060 SIP/2.0\r\nVia: SIP/2.0/UDP ${host}:${callerPort};branch=z9hG4bK-12-${id}-${method}\r\n` +
      `From: "Ann Caller" <sip:+14155550123@${host}:${callerPort}>;tag=12-caller-${id}\r\nTo: ${to}\r\nCall-ID: ${id}-12@${host}\r\n` +
      `CSeq: ${cseq}\r\nContact: <sip:caller@${host}:${callerPort}>\r\nMax-Forwards: 70\r\n` +
      `Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, REFER, NOTIFY\r\n${rest}`,
    callerPort,
  )
}

function deliverAgentMessages(): void {
  const messages = agentMessages
  agentMessages = []
  for (const message of messages) deliver(message, agentPort)
}

function deliver(text: string, port: number): void {
  socket.emit('message', Buffer.from(text, 'latin1'), { address: host, port, family: 'IPv4', size: text.length })
}

function header(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}: `) + name.length + 4

  return text.slice(start, text.indexOf('\r\n', start))
}

function body(description: string): string {
  return `Content-Type: application/sdp\r\nContent-Length: ${description.length}\r\n\r\n${description}`
}

function sdp(port: number, formats: string): string {
  const session = ['v=0', `o=- ${port} 1 IN IP4 ${host}`, 's=-', `c=IN IP4 ${host}`, 't=0 0']
  const media = [
    `m=audio ${port} RTP/AVP ${formats}`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=sendrecv',
  ]

  return [...session, ...media, ''].join('\r\n')
}
