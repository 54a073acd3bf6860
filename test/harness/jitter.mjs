// A network that is not as quick as the loopback. Loaded by `node --import`, it delays each UDP datagram at random, by up
// to BATON_JITTER milliseconds, in both directions; what goes to one peer and what comes from one stays in order.
import { Socket } from 'node:dgram'

const most = Number(process.env.BATON_JITTER ?? 0)
const { send, close, emit } = Socket.prototype

/** What waits for one peer in one direction. */
class Line {
  #due = 0
  #waiting = []

  pass(deliver) {
    const now = performance.now()
    this.#due = Math.max(this.#due, now + (Math.random() < 0.5 ? 0 : Math.random() * most))
    if (this.#due <= now && this.#waiting.length === 0) return deliver()
    this.#waiting.push(deliver)
    setTimeout(() => this.#waiting.shift()?.(), Math.ceil(this.#due - now))
  }

  flush() {
    for (const deliver of this.#waiting.splice(0)) deliver()
  }
}

const incoming = new Map()
const outgoing = new WeakMap()
const closed = new WeakSet()

const lineOf = (lines, peer) => {
  if (!lines.has(peer)) lines.set(peer, new Line())

  return lines.get(peer)
}

/** The peer that a datagram comes from; for the error of a connected socket, the peer that it is connected to. */
function peerOf(socket, event, args) {
  if (event === 'message') return `${args[1].address} ${args[1].port}`
  if (event !== 'error') return undefined
  try {
    const { address, port } = socket.remoteAddress()

    return `${address} ${port}`
  } catch {
    return undefined
  }
}

if (most > 0) {
  Socket.prototype.send = function (...args) {
    const peer = args.slice(1).filter((each) => ['string', 'number'].includes(typeof each))
    if (!outgoing.has(this)) outgoing.set(this, new Map())
    lineOf(outgoing.get(this), peer.join(' ')).pass(() => send.apply(this, args))
  }
  Socket.prototype.emit = function (event, ...args) {
    const peer = peerOf(this, event, args)
    if (peer === undefined) return emit.call(this, event, ...args)
    lineOf(incoming, peer).pass(() => closed.has(this) || emit.call(this, event, ...args))

    return true
  }
  // What was sent is on its way, whatever becomes of the socket; what has not come will not.
  Socket.prototype.close = function (...args) {
    for (const line of outgoing.get(this)?.values() ?? []) line.flush()
    closed.add(this)

    return close.apply(this, args)
  }
}
