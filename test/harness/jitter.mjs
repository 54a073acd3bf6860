// A network that is not as quick as the loopback. Loaded by `node --import`, it delays each UDP datagram at random, by up
// to BATON_JITTER milliseconds, in both directions; those to or from one peer stay in order.
import { Socket } from 'node:dgram'

const most = Number(process.env.BATON_JITTER ?? 0)
const { send, close, emit } = Socket.prototype

/** What waits on one socket for one peer in one direction. */
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

const lines = new WeakMap()
const lineOf = (socket, peer) => {
  const ofSocket = lines.get(socket) ?? new Map()
  lines.set(socket, ofSocket)
  if (!ofSocket.has(peer)) ofSocket.set(peer, new Line())

  return ofSocket.get(peer)
}

if (most > 0) {
  Socket.prototype.send = function (...args) {
    const peer = args.slice(1).filter((each) => ['string', 'number'].includes(typeof each))
    lineOf(this, `to ${peer.join(' ')}`).pass(() => send.apply(this, args))
  }
  Socket.prototype.emit = function (event, ...args) {
    if (event !== 'message') return emit.call(this, event, ...args)
    const { address, port } = args[1]
    lineOf(this, `from ${address} ${port}`).pass(() => emit.call(this, event, ...args))
  }
  // What was sent is on its way, whatever becomes of the socket; what has not come will not.
  Socket.prototype.close = function (...args) {
    for (const [peer, line] of lines.get(this) ?? []) if (peer.startsWith('to ')) line.flush()
    lines.delete(this)

    return close.apply(this, args)
  }
}
