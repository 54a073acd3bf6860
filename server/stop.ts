import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'

/** How long closing may take when the drain deadline has passed, in milliseconds. */
const closeLimitMs = 1000
/** How long the last reads and writes of files may take, in milliseconds. */
const fileLimitMs = 500
/** Later than the BYEs of the drain and all that is closed after it could be, in milliseconds. */
const latestExitMs = 4000 + closeLimitMs + 2 * fileLimitMs

/**
 * SIGTERM and SIGINT: new calls get 503, those that are up are finished or ended at the deadline, then the process ends. So
 * it does, with 1, after an uncaught exception, which has left its state unknown.
 */
export function stopOnSignals(app: App): void {
  const { log } = app
  let stopping = false
  const stop = (why: string, code: number): void => {
    // A second signal is from an operator who does not want to wait.
    if (stopping) {
      if (code === 0) void exit(1)
      return
    }
    stopping = true
    log.info('stopping: new calls get 503', { why, seconds: app.settings.drainDeadline })
    void close(app).finally(() => exit(code))
  }
  process.on('SIGTERM', (signal) => stop(signal, 0))
  process.on('SIGINT', (signal) => stop(signal, 0))
  process.on('uncaughtException', (error) => {
    app.metrics.exception('process')
    log.error('uncaught exception', { error })
    stop('uncaught exception', 1)
  })
  // What a call starts has its guard: this one came from elsewhere, and nothing waits for it.
  process.on('unhandledRejection', (error) => {
    app.metrics.exception('process')
    log.error('unhandled rejection', { error })
  })
}

/** Drains and closes. Always resolves soon after the drain deadline, whatever a call, a disk or a server keeps waiting. */
async function close(app: App): Promise<void> {
  const { log } = app
  const drainMs = app.settings.drainDeadline * 1000
  const deadline = performance.now() + drainMs
  setTimeout(() => void exit(1), drainMs + latestExitMs).unref()
  try {
    await app.drain()
    const closed = app.close().then(() => true)
    const isClosed = await Promise.race([closed, sleep(Math.max(deadline - performance.now(), closeLimitMs), false)])
    if (isClosed) log.info('stopped')
    else log.error('not stopped cleanly: a disk, the store or a connection did not answer in time')
  } catch (error) {
    log.error('not stopped cleanly', { error })
  }
}

/** `process.exit` waits for reads and writes that are under way: on a disk that hangs only the kernel ends them. */
async function exit(code: number): Promise<void> {
  for (let waited = 0; hasFileWork() && waited < fileLimitMs; waited += 20) await sleep(20)
  if (hasFileWork()) process.kill(process.pid, 'SIGKILL')
  else process.exit(code)
}

function hasFileWork(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'))
}
