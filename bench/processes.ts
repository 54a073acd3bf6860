import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'

/** Linux reports CPU time in ticks of 10 ms (USER_HZ) on every architecture. */
const ticksPerSecond = 100

/** A process and all its descendants. */
function processTree(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)

  return [pid, ...children.flatMap(processTree)]
}

/** CPU seconds (user and system) that processes and their descendants have used. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids.flatMap(processTree), (each) => {
    // proc(5): fields 14 and 15; counted after the command's name, which may hold spaces.
    const fields = read(`/proc/${each}/stat`)
      .replace(/^.*\) /, '')
      .split(' ')

    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond
  })
}

/** Memory in MiB: each process's proportional share, so that what workers share is counted once. */
export function memoryMiB(pids: readonly number[]): number {
  return sum(
    pids.flatMap(processTree),
    (each) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1] ?? 0) / 1024,
  )
}

// Nothing stays behind when the bench itself fails.
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program; what it prints is kept for the error message when it ends too early. */
export function start(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Started {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)))
  }

  return { child, output: () => output }
}

export interface Started {
  child: ChildProcess
  /** The last of what it printed. */
  output: () => string
}

/** Why a program that should run does not; undefined while it does. */
export function earlyEnd(name: string, { child, output }: Started): string | undefined {
  return child.exitCode === null ? undefined : `${name} ended with ${child.exitCode}:\n${output()}`
}

/** Ends a program that `start` started: SIGTERM, and SIGKILL when that does not help for three seconds. */
export async function stop({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await exited
  clearTimeout(killer)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended meanwhile
  }
}

const sum = (pids: readonly number[], of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0)

/** A UDP port of 127.0.0.1 that is free. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()

  return port
}

/** Resolves when a program listens on a UDP port of this machine; rejects after ten seconds or when `ended` says so. */
export async function listening(port: number, ended: () => string | undefined): Promise<void> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
  for (let tries = 0; tries < 500; tries++) {
    if (readFileSync('/proc/net/udp', 'utf8').includes(wanted)) return
    const reason = ended()
    if (reason !== undefined) throw new Error(reason)
    await delay(20)
  }
  throw new Error(`Nothing listens on UDP port ${port} after ten seconds.`)
}
