import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'

/** Closing may take so long after the drain deadline. */
const closeLimitMs = 1000
/** The last reads and writes of files may take so long. */
const fileLimitMs = 500
/** After the drain deadline; longer than the last BYEs and the closing can take. */
const latestExitMs = 4000 + closeLimitMs + 2 * fileLimitMs

/**
 * On SIGTERM and SIGINT, new calls get 503, and the process exits when the others have ended, at the drain deadline at the
 * latest; with DRAIN=handover it exits at once, and the next process takes the calls up. After an uncaught exception, which leaves the state unknown, it does the same and exits with 1.
 */
export function stopOnSignals(app: App): void {
  const { log } = app
  let stopping = false
  const stop = (why: string, code: number): void => {
    // With a second signal, the operator asks not to wait.
    if (stopping) {
      if (code === 0) void exit(1)
      return
    }
    stopping = true
    if (app.settings.drain === 'handover' && app.keepsCalls) {
      log.info('stopping: the next process takes the calls up', { why, calls: app.calls.size })
      void handOver(app).finally(() => exit(code))
      return
    }
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
  // The work of calls has guards: this rejection is from elsewhere, and no code depends on it.
  process.on('unhandledRejection', (error) => {
    app.metrics.exception('process')
    log.error('unhandled rejection', { error })
  })
}

/** Closes the listeners and leaves the calls as they are. Resolves once they are with the operating system, or soon after. */
async function handOver(app: App): Promise<void> {
  setTimeout(() => void exit(1), latestExitMs).unref()
  try {
    await Promise.race([app.handOver(), sleep(closeLimitMs)])
    app.log.info('stopped')
  } catch (error) {
    app.log.error('not stopped cleanly', { error })
  }
}

/** Drains and closes. Resolves soon after the drain deadline, even if a call, a disk or a server does not respond. */
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

/** `process.exit` waits for running reads and writes of files: on a disk that hangs, only SIGKILL ends the process. */
async function exit(code: number): Promise<void> {
  for (let waitedMs = 0; hasFileWork() && waitedMs < fileLimitMs; waitedMs += 20) await sleep(20)
  if (hasFileWork()) process.kill(process.pid, 'SIGKILL')
  else process.exit(code)
}

function hasFileWork(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'))
}
