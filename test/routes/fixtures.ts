import { usualProbe } from '../../base/probe.ts'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PinnedTable, type ProjectFile, type Table } from '../../routes/index.ts'
import { compileTable } from '../../routes/table/table.ts'

export const demoYaml = readFileSync(new URL('../../config/projects/demo.yaml', import.meta.url), 'utf8')

export const demoTable: Table = {
  handoffs: [
    { name: 'front-desk', default: true, route: 'sip:front-desk@127.0.0.1:5092', on_failure: ['duty-manager'] },
    { name: 'duty-manager', method: 'invite', route: 'sip:duty@127.0.0.1:5093' },
  ],
}

export function projectFile(over: Partial<ProjectFile> = {}): ProjectFile {
  return {
    project: 'demo',
    environments: { live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1:5090'] } },
    table: structuredClone(demoTable),
    ...over,
  }
}

export function pinned(table: Table, over: Partial<ConstructorParameters<typeof PinnedTable>[0]> = {}): PinnedTable {
  return new PinnedTable({
    project: 'demo',
    environment: 'live',
    release: 3,
    version: 7,
    digest: 'sha256:0',
    numbers: [],
    agents: [],
    variables: {},
    settings: {
      agentDown: undefined,
      progressTimeout: 3,
      probe: usualProbe,
      adhoc: false,
      adhocDeny: [],
      adhocAllow: [],
      adhocHosts: [],
      consult: true,
      recording: 'off',
      recordingNotice: undefined,
    },
    table: compileTable(table),
    ...over,
  })
}

export function source(file: unknown): { text: string; type: 'json' } {
  return { text: JSON.stringify(file, null, 2), type: 'json' }
}

export const ann = { who: 'ann', from: 'test', why: 'because' }

/** A folder of its own for a test, taken away by `clean`. */
export async function folder(): Promise<{ path: string; clean: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'baton-routes-'))

  return { path, clean: () => rm(path, { recursive: true, force: true }) }
}
