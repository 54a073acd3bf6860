import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Dialog, InitialInvite } from '../../../engine/index.ts'
import { until } from '../../harness/until.ts'
import { dialogUser, Happenings, inviteUser, type Party } from '../user-agent/two-agents.ts'
import type { SrfDialog } from './srf.ts'
import { answer, offer, Stage } from './stage.ts'

const noop = { response: () => undefined, unanswered: () => undefined }
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The plan of one call; times are milliseconds after the event before. */
interface Plan {
  /** The callee answers, or refuses. */
  answers: 'accepted' | 'refused' | 'never'
  answersAfter: number
  /** The caller sends CANCEL, unless it has had a final response. */
  cancelsAfter: number | undefined
  callerLeavesAfter: number
  calleeLeavesAfter: number
}

describe('an application that writes a record when a call ends', () => {
  let stage: Stage
  let caller: Party
  let callee: Party

  beforeEach(async () => {
    stage = await Stage.set()
    caller = await stage.peer()
  })

  afterEach(() => stage.clear())

  /** Plays the callee's part of the call that a Subject names. */
  function serve(plans: readonly Plan[]): (invite: InitialInvite) => void {
    return (invite) => {
      const { answers, answersAfter, calleeLeavesAfter } = plans[Number(invite.request.header('Subject'))]!
      const log = new Happenings()
      invite.dialogUser = dialogUser(log)
      if (answers === 'never') return
      void after(answersAfter).then(() => {
        if (answers === 'refused') invite.respond(486)
        else invite.respond(200, { body: answer })
      })
      void log.next('ack').then(async () => {
        await after(calleeLeavesAfter)
        invite.dialog?.send('BYE', {}, noop)
      })
    }
  }

  async function play({ cancelsAfter, callerLeavesAfter }: Plan, subject: number): Promise<void> {
    const log = new Happenings()
    const headers: [string, string][] = [['Subject', String(subject)]]
    const invite = caller.agent.invite({ uri: `sip:1000@${stage.host}`, body: offer, headers }, inviteUser(log))
    if (cancelsAfter !== undefined) void after(cancelsAfter).then(() => invite.cancel())
    const outcome = await Promise.race([
      log.next<{ dialog: Dialog }>('accepted'),
      log.next('refused').then(() => undefined),
      log.next('unanswered').then(() => undefined),
    ])
    if (!outcome) return
    outcome.dialog.ack()
    await after(callerLeavesAfter)
    outcome.dialog.send('BYE', {}, noop)
  }

  it('writes one for every call, whichever BYEs, CANCELs and answers cross', async () => {
    const time = fc.integer({ min: 0, max: 40 })
    const plan: fc.Arbitrary<Plan> = fc.oneof(
      // A callee that does not answer gets a CANCEL.
      fc.record({
        answers: fc.constant('never' as const),
        answersAfter: time,
        cancelsAfter: time,
        callerLeavesAfter: time,
        calleeLeavesAfter: time,
      }),
      fc.record({
        answers: fc.constantFrom('accepted' as const, 'refused' as const),
        answersAfter: time,
        cancelsAfter: fc.option(time, { nil: undefined }),
        callerLeavesAfter: time,
        calleeLeavesAfter: time,
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: 40, maxLength: 40 }), async (plans) => {
        const records: string[][] = plans.map(() => [])
        callee = await stage.peer({}, serve(plans))
        const srf = await stage.application((app) =>
          app.invite((req, res) => {
            const record = records[Number(req.get('Subject'))]!
            srf.createB2BUA(req, res, callee.uri, { proxyRequestHeaders: ['Subject'] }).then(
              ({ uas, uac }) => {
                const end = (other: SrfDialog) => (): void => {
                  // Both sides may leave at once: the first one ends the call.
                  if (record.length === 0) record.push('ended')
                  other.destroy().catch(() => undefined)
                }
                uas.on('destroy', end(uac))
                uac.on('destroy', end(uas))
              },
              () => record.push('failed'),
            )
          }),
        )
        await Promise.all(plans.map(play))
        await until('each call has one record', () => {
          assert.deepEqual(
            records.map(({ length }) => length),
            plans.map(() => 1),
            JSON.stringify(plans.filter((_, i) => records[i]?.length !== 1)),
          )
        })
        srf.disconnect()
      }),
      { numRuns: 5 },
    )
    await stage.settled()
  })
})
