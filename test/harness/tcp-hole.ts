import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { until } from './until.ts'

// It listens and never takes a connection: its process sleeps.
const program = `
  const server = require('node:net').createServer()
  server.listen({ host: '127.0.0.1', port: Number(process.argv[1]), backlog: 1 }, () => {
    process.send('up', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })`

/** A TCP port whose connections never come about, as behind a firewall that drops them: its queue is full. */
export class TcpHole {
  readonly #child: ChildProcess
  readonly #waiting: Socket[]

  static async open(port: number): Promise<TcpHole> {
    const child = spawn(process.execPath, ['-e', program, String(port)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
    const hung = async (): Promise<boolean> => {
      const probe = connect(port, '127.0.0.1').on('error', () => undefined)
      waiting.push(probe)

      return Promise.race([
        once(probe, 'connect').then(() => false),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 100)),
      ])
    }
    await until('the queue of connections is full', hung)

    return new TcpHole(child, waiting)
  }

  private constructor(child: ChildProcess, waiting: Socket[]) {
    this.#child = child
    this.#waiting = waiting
  }

  close(): void {
    this.#child.kill('SIGKILL')
    for (const socket of this.#waiting) socket.destroy()
  }
}
