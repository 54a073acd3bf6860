import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { FileStore, Routing } from '../../../routes/index.ts'
import type { IncomingInvite, SipRequest } from '../../../server/sip/stack.ts'
import { Faults } from './defects/faults.ts'
import { Stage } from './defects/stage.ts'

describe('an INVITE from an address that no trunk has', () => {
  it('is refused before anything but its source is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'baton-unknown-source-'))
    const routing = await Routing.open({ store: await FileStore.open({ dir: folder }) })
    const stage = await Stage.open(routing, new Faults())
    const read: string[] = []
    const request = new Proxy({} as SipRequest, {
      get: (_target, name) => {
        if (name === 'source') return { transport: 'udp', address: '203.0.113.9', port: 5060 }
        if (name === 'header') return (header: string) => void read.push(header)
        read.push(String(name))

        return undefined
      },
    })
    const refused: number[] = []
    const invite: IncomingInvite = {
      request,
      onCancel: () => undefined,
      onUnacknowledged: () => undefined,
      progress: () => assert.fail('an unknown source gets no provisional response'),
      accept: () => assert.fail('an unknown source is not accepted'),
      reject: (status) => refused.push(status),
    }
    stage.calls.invite(invite)
    await stage.close()
    await routing.close()
    rmSync(folder, { recursive: true, force: true })

    assert.deepEqual([refused, stage.told.started, stage.told.defects], [[403], [], []])
    // The header of a rehearsal is looked for.
    assert.deepEqual(
      read.filter((name) => !/^x-baton-/i.test(name)),
      [],
    )
  })
})
