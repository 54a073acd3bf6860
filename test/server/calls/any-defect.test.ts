import assert from 'node:assert/strict'

import { canFail, Faults, type Mode } from './defects/faults.ts'
import { promotedProject } from './defects/project.ts'
import { Stage } from './defects/stage.ts'
import { stories, type Story } from './defects/stories.ts'

const modes: Mode[] = ['throw', 'reject', 'never']

describe('an exception anywhere in a call', function () {
  this.timeout(240_000)
  const routing = promotedProject()

  async function played({ play, trunk }: Story, faults: Faults): Promise<Stage> {
    const stage = await Stage.open(routing(), faults, trunk)
    const { caller, agent } = stage.parties
    play(stage.parties, stage)
    await stage.play(12, 50)
    await stage.play(50, 500)
    caller.hangUp()
    // From a call that it made itself: from the caller's it has been released.
    agent.hangUp(1)
    await stage.play(120, 1000)
    await stage.close()

    return stage
  }

  it('before there is a call gets the caller 500, and is counted', async () => {
    const [story = assert.fail()] = stories
    const faultless = new Faults()
    await played(story, faultless)
    const at = faultless.called.findIndex((name) => name.startsWith('routing.'))
    const { told } = await played(story, new Faults(at))
    assert.deepEqual([told.started.length, told.failedBeforeCall, told.defects.length], [0, 1, 1])
  })

  for (const story of stories) {
    it(`in ${story.name} leaves one outcome and nothing else`, async () => {
      const faultless = new Faults()
      await judge(await played(story, faultless), faultless, '')
      for (const [at, name] of faultless.called.entries()) {
        for (const mode of modes) {
          if (!canFail(name, mode)) continue
          const faults = new Faults(at, mode)
          await judge(await played(story, faults), faults, `${mode} at ${at}, ${name}`)
        }
      }
    })
  }
})

async function judge(stage: Stage, faults: Faults, fault: string): Promise<void> {
  await new Promise(setImmediate)
  const { told, drains } = stage
  const what = `${fault}: ${told.defects.map(String).join(', ')}; ${faults.called.join(' ')}`
  assert.deepEqual(stage.left(), {}, what)
  assert.deepEqual(told.ended.map(({ id }) => id).sort(), told.started.map(({ id }) => id).sort(), what)
  assert.deepEqual(told.outcomes.map(({ id }) => id).sort(), told.requested.map(({ id }) => id).sort(), what)
  for (const { state, termination } of told.ended) assert.ok(state === 'ended' && termination, what)
  // BYEs are retransmitted for four seconds after the deadline, whatever a call still waits for.
  for (const { lateMs } of drains) {
    assert.ok(lateMs !== undefined && lateMs <= 4500, `${what}: drained after ${lateMs ?? 'ever'}`)
  }
  for (const transfer of told.requested) {
    assert.ok(transfer.outcome, what)
    assert.ok(transfer.seconds <= 61, what)
  }
  if (fault === '') assert.deepEqual(told.defects, [], what)
  else if (faults.hasStruck && !fault.startsWith('never')) assert.ok(told.defects.length > 0, `${what} is not told`)
}
