import assert from 'node:assert/strict'
import type { AttemptView, TransferMethod } from '../../../server/legs/views.ts'
import { diagnose, findingOf, findings } from '../../../server/transfer/diagnosis.ts'
import type { TransferReason } from '../../../server/transfer/outcome.ts'

const reasons: Record<TransferReason, true> = {
  ...{
    answered: true,
    returned: true,
    bye_after_refer: true,
    busy: true,
    declined: true,
    declined_by_person: true,
    no_accept: true,
    no_answer: true,
    no_response: true,
    target_down: true,
    overflow: true,
  },
  ...{ not_found: true, unreachable: true, refused: true, refer_refused: true, refer_not_supported: true },
  ...{
    media_refused: true,
    media_unavailable: true,
    not_encrypted: true,
    not_secure: true,
    destination_hung_up: true,
    joined: true,
    no_such_dialog: true,
    no_gateway: true,
    premium_denied: true,
    number_format: true,
    loop: true,
    redirected: true,
    lost_in_restart: true,
    restarted: true,
    closed_by_switch: true,
    route_incomplete: true,
    route_denied: true,
    pool_exhausted: true,
    deadline: true,
  },
  ...{
    cancelled: true,
    hung_up_by_api: true,
    shutdown: true,
    max_duration: true,
    connection_lost: true,
    internal_error: true,
  },
  ...{ caller_hung_up: true, no_notify: true, no_subscription: true, bye_unanswered: true, bye_refused: true },
}

const attempt = (
  method: TransferMethod,
  reason: TransferReason,
  code?: number,
  handoff = 'front-desk',
): AttemptView => ({
  ...{ handoff, method, reason, target: 'sip:desk@192.0.2.9', headers: {}, evidence: [], startedAt: '' },
  ...(code !== undefined && { code }),
})

describe('The diagnosis of a transfer', () => {
  it('says that the trunk has call transfer switched off, and that the caller was bridged instead', () => {
    const attempts = [attempt('refer', 'refer_refused', 405), attempt('invite', 'answered', 200)]
    assert.equal(
      diagnose({ result: 'succeeded', reason: 'answered', attempts }),
      '405 on REFER: call transfer is switched off on the caller’s trunk, or it has none; Baton bridged instead. ' +
        'sip:desk@192.0.2.9 answered, and the caller’s media was moved there. The caller was handed over. ' +
        'Switch call transfer on at the trunk, or set its `refer` to false so that callers are bridged at once.',
    )
  })

  it('says why a destination could not be reached over TLS', () => {
    const why = 'No TLS Connection (certificate has expired)'
    const attempts = [{ ...attempt('invite', 'unreachable', 503), detail: why }]
    assert.ok(diagnose({ result: 'failed', reason: 'unreachable', attempts }).includes(why))
  })

  it('names the handoff that was tried next', () => {
    const attempts = [attempt('refer', 'busy', 486), attempt('invite', 'no_answer', 487, 'duty-manager')]
    const text = diagnose({ result: 'failed', reason: 'no_answer', attempts })
    assert.match(text, /was busy \(486\); duty-manager was tried next\. .* did not answer \(487\)\. The caller was not/)
  })

  it('says what ended the transfer where that was not its last attempt', () => {
    const text = diagnose({ result: 'abandoned', reason: 'caller_hung_up', attempts: [attempt('refer', 'busy', 486)] })
    assert.match(text, /was busy \(486\)\. The caller hung up first\./)
  })

  it('tells a destination that rang from one that sent nothing, and a 503 of its own from one that Baton made', () => {
    const said = (reason: TransferReason, more: Partial<AttemptView>) =>
      diagnose({ result: 'failed', reason, attempts: [{ ...attempt('invite', reason, 408), ...more }] })
    assert.match(said('no_answer', { rang: true }), /rang and was not answered \(408\)/)
    assert.match(said('no_answer', {}), /^sip:desk@192.0.2.9 did not answer \(408\)/)
    assert.match(said('no_response', { local: true }), /sent no response at all, not even 100\./)
    assert.match(said('unreachable', { code: 503 }), /answered 503: it was not able/)
    assert.match(said('unreachable', { code: 503, local: true }), /Baton had no way to sip:desk/)
    const refer = { ...attempt('refer', 'refer_refused', 503), local: true as const }
    assert.match(
      diagnose({ result: 'failed', reason: 'refer_refused', attempts: [refer] }),
      /^Baton had no way to send/,
    )
  })

  it('of a success names the gateways that gave way, and the refusal that was remembered', () => {
    const tried = [{ target: 'sip:5@192.0.2.1', reason: 'no_response', code: 408 }]
    const remembered = { what: '405 Method Not Allowed', until: '' }
    const attempts = [{ ...attempt('invite', 'answered', 200), tried, remembered }]
    assert.equal(
      diagnose({ result: 'succeeded', reason: 'answered', attempts }),
      'The caller’s trunk had lately refused REFER (405 Method Not Allowed): bridged at once. ' +
        'sip:5@192.0.2.1 sent no response at all, not even 100; the next one was called. ' +
        'sip:desk@192.0.2.9 answered, and the caller’s media was moved there. The caller was handed over. ' +
        'See that it runs and that Baton’s network leads there; `baton doctor` helps.',
    )
  })

  it('has words for every reason, by whatever method, and leaves no gap in them', () => {
    for (const reason of Object.keys(reasons) as TransferReason[]) {
      for (const method of ['refer', 'invite', 'bye'] as const) {
        if (method !== 'refer' && findings.some((each) => each.reason === reason && each.method === 'refer')) {
          if (!findings.some((each) => each.reason === reason && each.method !== 'refer')) continue
        }
        for (const code of [undefined, 486]) {
          const one = attempt(method, reason, code)
          assert.ok(findingOf(one), `${method} ${reason}`)
          assert.doesNotMatch(diagnose({ result: 'failed', reason, attempts: [one] }), /[{}]|undefined/)
        }
      }
    }
  })

  it('never has a row that an earlier one hides', () => {
    for (const row of findings) {
      const { reason, method = 'invite', codes = [0], local, rang } = row
      const detail = row.detail ? { detail: 'No TLS Connection (certificate has expired)' } : {}
      assert.ok(
        codes.some(
          (code) =>
            findingOf({ reason, method, code, ...detail, ...(local && { local }), ...(rang && { rang }) }) === row,
        ) || row.reason === 'answered',
        `${reason} ${codes.join()}`,
      )
    }
  })
})
