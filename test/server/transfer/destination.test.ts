import assert from 'node:assert/strict'
import { loadSettings } from '../../../config/index.ts'
import { createRequest } from '../../../engine/index.ts'
import type { CallerIdPolicy } from '../../../routes/index.ts'
import { ReceivedRequest } from '../../../server/sip/received.ts'
import { shownCaller, inviteTargets } from '../../../server/transfer/destination.ts'

const invite = new ReceivedRequest(
  createRequest({
    ...{ method: 'INVITE', uri: 'sip:desk@192.0.2.1', to: '<sip:desk@192.0.2.1>', callId: 'a', cseq: 1 },
    ...{ from: '<sip:ann@192.0.2.9>;tag=a', via: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa' },
  }),
  { transport: 'udp', remote: { address: '192.0.2.9', port: 5060 } },
)
const caller = { uri: 'sip:ann@192.0.2.9', number: '', name: '', called: '', from: '<sip:ann@192.0.2.9>', to: '' }

// A table that an earlier Baton stored may hold them; one that is saved today may not.
describe('headers in the URIs of a stored table (RFC 3261 19.1.1)', () => {
  it('are in no header that says who calls', () => {
    const uri = 'sip:what?@pbx.example;user=phone?Subject=x&Route=%3Csip:evil%3E'
    const policy: CallerIdPolicy = { from: uri, p_asserted_identity: uri, diversion: uri, history_info: uri }
    const { from, headers } = shownCaller(policy, invite, caller, undefined)

    const shown = '<sip:what?@pbx.example;user=phone>'
    assert.equal(from, shown)
    assert.deepEqual(headers, [
      ['P-Asserted-Identity', shown],
      ['Diversion', `${shown};reason=unconditional;counter=1`],
      ['History-Info', `${shown};index=1`],
    ])
  })

  it('are in no target, where they would come before its transport', () => {
    const [trunk = assert.fail()] = loadSettings({ env: {} }).trunks
    assert.deepEqual(inviteTargets('sip:desk@pbx.example:5070?Replaces=1', trunk), ['sip:desk@pbx.example:5070'])
  })
})
