import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import winston from 'winston'
import { FileStore, Routing } from '../../../../routes/index.ts'
import { project } from './stories.ts'

/** The project of the stories, promoted to live: set up before the tests of a suite, and closed after them. */
export function promotedProject(): () => Routing {
  let folder: string
  let routing: Routing | undefined

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'baton-calls-'))
    const store = await FileStore.open({ dir: folder })
    routing = await Routing.open({ store, log: winston.createLogger({ silent: true }) })
    const actor = { who: 'test', from: 'test', why: 'test' }
    await routing.putProject(project.project, { text: JSON.stringify(project), type: 'json' }, actor)
    const { version } = await routing.publish(project.project, actor)
    await routing.promote(project.project, 'live', { version }, actor)
  })

  after(async () => {
    await routing?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  return () => {
    assert.ok(routing)

    return routing
  }
}
