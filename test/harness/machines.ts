import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { programPath } from './needs.ts'
import { until } from './until.ts'

/** The address of this process on the network: of the parties, and of what the machines share. RFC 2544 reserves 198.18.0.0/15 for tests. */
export const ownAddress = '198.18.0.1'
const bridge = 'wire'

/** Connects this process, in its own network namespace, to the network of machines that follow. */
export function openNetwork(): void {
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('address', 'add', `${ownAddress}/24`, 'dev', bridge)
  ip('link', 'set', bridge, 'up')
}

/** A machine: a network namespace with a link to the network, and an address. Another address may move from one to the next. */
export class Machine {
  readonly address: string
  /** What a program's command line begins with that runs on it. */
  readonly runs: readonly string[]
  readonly #port: string
  /** Its namespace lives as long as this process, which ends with ours. */
  readonly #holder: ChildProcess

  /** @param nth from 2: the last number of its address */
  static async open(nth: number): Promise<Machine> {
    const holder = spawn(programPath('unshare') ?? 'unshare', ['--net', 'cat'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    })
    const own = readlinkSync('/proc/self/ns/net')
    await until('the machine is there', () => readlinkSync(`/proc/${holder.pid ?? 0}/ns/net`) !== own)

    return new Machine(nth, holder)
  }

  private constructor(nth: number, holder: ChildProcess) {
    const pid = String(holder.pid)
    this.address = `198.18.0.${nth}`
    this.runs = ['nsenter', '--target', pid, '--net']
    this.#port = `port${nth}`
    this.#holder = holder
    ip('link', 'add', this.#port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid)
    ip('link', 'set', this.#port, 'master', bridge, 'up')
    this.#ip('link', 'set', 'lo', 'up')
    this.#ip('link', 'set', 'eth0', 'up')
    this.has(this.address)
  }

  /** Gives it an address more. */
  has(address: string): void {
    this.#ip('address', 'add', `${address}/24`, 'dev', 'eth0')
    // What a gratuitous ARP does to those who knew another machine by this address.
    ip('neighbour', 'flush', 'to', address)
  }

  /** Takes an address from it. */
  loses(address: string): void {
    this.#ip('address', 'delete', `${address}/24`, 'dev', 'eth0')
  }

  /** Pulls its cable. */
  cut(): void {
    ip('link', 'set', this.#port, 'down')
  }

  /** Plugs its cable in again. */
  connect(): void {
    ip('link', 'set', this.#port, 'up')
  }

  /** Its programs must have ended. Idempotent. */
  async close(): Promise<void> {
    if (this.#holder.exitCode !== null) return
    this.#holder.stdin?.end()
    await once(this.#holder, 'exit')
  }

  #ip(...args: readonly string[]): void {
    run([...this.runs, ipPath(), ...args])
  }
}

const ip = (...args: readonly string[]): void => {
  run([ipPath(), ...args])
}

const ipPath = (): string => programPath('ip') ?? 'ip'

function run([command = '', ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${args.join(' ')}: ${error?.message ?? stderr}`)
}
