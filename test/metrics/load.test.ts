import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { Sipp, type Part } from '../harness/sipp.ts'
import { stacks } from '../harness/stacks.ts'
import { panelQueries } from './dashboard.ts'
import { startPrometheus, type Prometheus } from './prometheus.ts'

/** How many calls of each kind are made. */
const made = { answered: 20, referred: 8, bridged: 6, takenBack: 4, withoutAgent: 5, unknownNumber: 3 }

interface Caller {
  kind: keyof typeof made
  call: (calls: number) => Promise<Sipp>
}

/** Prometheus has to start while agents wait already. Seconds. */
const timeoutSeconds = 120

const agent: Part = { scenario: 'uas-call-answered' }
const asking: Part = { scenario: 'uas-asks-transfer-released', pause: 200, keys: { refer_to: 'sip:desk@baton' } }

for (const stack of stacks.filter(({ name }) => name === 'embedded')) {
  describe(`Prometheus, watching a Baton under load (${stack.name})`, function () {
    this.timeout(180_000)
    needs('sipp', 'prometheus')
    const parties: Sipp[] = []
    let baton: Baton
    let prometheus: Prometheus

    /** A project for one kind of call, and a caller that makes a given number of such calls. */
    async function load(kind: keyof typeof made, caller: Part, callee: Part | undefined, desk?: Part): Promise<Caller> {
      const number = `+1415555020${Object.keys(made).indexOf(kind)}`
      const calls = made[kind]
      const listening = async (part: Part | undefined) => {
        if (!part) return 'sip:127.0.0.1:9'
        const party = await Sipp.answering({ ...part, calls, timeoutSeconds })
        parties.push(party)

        return party.uri
      }
      const route = (await listening(desk)).replace('sip:', 'sip:desk@')
      await baton.project({
        project: kind.toLowerCase(),
        environments: { live: { numbers: [number], agents: [await listening(callee)] } },
        table: { handoffs: [{ name: 'desk', description: 'Reception', default: true, route, notify_timeout: 1 }] },
      })

      return { kind, call: (count) => Sipp.calling({ ...caller, calls: count, timeoutSeconds }, number, baton.sip()) }
    }

    before(async () => {
      // A panel draws the caps of trunks, which few sites have.
      const caps = [{ prefix: '+1', calls_per_day: 1000 }]
      baton = await Baton.start({
        stack,
        // A panel draws rtpengines; these calls need none.
        env: { MEDIA: 'rtpengine', RTPENGINE: '127.0.0.1:9' },
        file: { trunks: [{ name: 'local', peers: ['127.0.0.0/8'], refer_memory: 0, caps }] },
      })
      const callers: Caller[] = [
        await load('answered', { scenario: 'uac-call-answered', pause: 1000 }, agent),
        await load('referred', { scenario: 'uac-refer-accepted-succeeded', pause: 100 }, asking),
        await load(
          'bridged',
          { scenario: 'uac-refer-refused-bridged', pause: 500, keys: { refusal: 'SIP/2.0 405 Method Not Allowed' } },
          asking,
          agent,
        ),
        await load('takenBack', { scenario: 'uac-refer-accepted-hung-up', pause: 50 }, asking),
        await load('withoutAgent', { scenario: 'uac-call-refused' }, undefined),
        {
          kind: 'unknownNumber',
          call: (calls) =>
            Sipp.calling({ scenario: 'uac-call-refused', calls, timeoutSeconds }, '+14155550999', baton.sip()),
        },
      ]
      prometheus = await startPrometheus({ target: new URL(baton.metricsUrl).host })
      // A rate has a value once its counter has grown between two scrapes, however far apart they are.
      for (const part of [Math.ceil, Math.floor]) {
        await prometheus.scrapes(1)
        const calling = await Promise.all(callers.map(({ kind, call }) => call(part(made[kind] / 2))))
        parties.push(...calling)
        await Promise.all(calling.map(({ done }) => done))
      }
      await noise(Number(baton.sip().split(':')[1]))
      await Promise.all(parties.map(({ done }) => done))
      await baton.idle(['baton_calls_active', 'baton_transfers_active', 'baton_engine_dialogs'], 60)
      await prometheus.scrapes(3)
    })

    after(async () => {
      await Promise.all(parties.map((party) => party.close()))
      await (prometheus as Prometheus | undefined)?.close()
      await (baton as Baton | undefined)?.stop()
    })

    it('has data for every query of every panel of the dashboard', async () => {
      for (const { panel, refId, expression } of panelQueries({ range: '5m', rateInterval: '5m' })) {
        // There is no TLS here, no party of SIPp's answers OPTIONS, and no call needs an rtpengine.
        if (['Certificates expire in', 'Time to the answer to OPTIONS'].includes(panel)) continue
        if (['Legs through rtpengines, by reason', 'One-way audio'].includes(panel)) continue
        const samples = await prometheus.until(expression, ({ length }) => length > 0)
        assert.ok(samples.length > 0, `"${panel}" ${refId} has no data: ${expression}`)
      }
    })

    it('has the numbers of the calls that were made', async () => {
      const { answered, referred, bridged, takenBack, withoutAgent, unknownNumber } = made
      const transferred = referred + bridged + takenBack
      const invites = answered + transferred + withoutAgent + unknownNumber
      for (const [expression, expected] of [
        ['sum(baton_calls_total{result="answered"})', answered + transferred],
        ['sum(baton_calls_total{project="answered",result="answered",reason="hangup"})', answered],
        ['sum(baton_calls_total{project="withoutagent",result="failed",reason="no_agent"})', withoutAgent],
        ['sum(baton_calls_total{project="none",result="rejected",reason="unknown_number"})', unknownNumber],
        ['sum(baton_calls_total)', invites],
        ['sum(baton_call_setup_seconds_count)', answered + transferred],
        ['sum(baton_transfers_total)', transferred],
        ['sum(baton_transfers_total{project="referred",handoff="desk",method="refer",result="succeeded"})', referred],
        ['sum(baton_transfers_total{project="bridged",handoff="desk",method="invite",result="succeeded"})', bridged],
        [
          'sum(baton_transfers_total{project="takenback",method="refer",result="unknown",reason="bye_after_refer"})',
          takenBack,
        ],
        ['sum(baton_transfer_attempts_total{method="refer",result="failed",code="405"})', bridged],
        ['sum(baton_transfer_attempts_total{method="invite",result="succeeded"})', bridged],
        ['baton_route_lookups_total{result="unknown_number"}', unknownNumber],
        ['baton_route_lookups_total{result="hit"}', transferred],
        ['sum(baton_calls_active) + sum(baton_transfers_active)', 0],
        ['baton_engine_dialogs', 0],
        ['baton_route_version{project="referred",environment="live"}', 1],
      ] as const) {
        assert.equal(await prometheus.value(expression, expected), expected, expression)
      }
      // Some of them are sent twice to a slow party.
      for (const [expression, expected] of [
        ['baton_sip_responses_total{direction="in",method="REFER",code="405"}', bridged],
        ['baton_sip_responses_total{direction="out",method="INVITE",code="404"}', unknownNumber],
        ['baton_sip_responses_total{direction="out",method="INVITE",code="503"}', withoutAgent],
      ] as const) {
        const [responses] = await prometheus.query(expression)
        assert.ok(responses && responses.value >= expected, expression)
      }
    })

    it('shows them on the dashboard', async () => {
      const shown = async (panel: string, labels: Record<string, string> = {}) => {
        const query = panelQueries({ range: '5m', interval: '5m' }).find((each) => each.panel === panel)
        const samples = await prometheus.query(query!.expression)

        return samples.find(({ labels: has }) => Object.entries(labels).every(([name, value]) => has[name] === value))
          ?.value
      }
      const { referred, bridged, takenBack } = made

      assert.equal(await shown('Transfers that succeeded'), (referred + bridged) / (referred + bridged + takenBack))
      assert.equal(await shown('Transfers with unknown outcome'), takenBack)
      assert.equal(await shown('By result', { result: 'succeeded' }), referred + bridged)
      assert.equal(await shown('By method', { method: 'invite' }), bridged)
      assert.equal(await shown('Not succeeded, by reason', { reason: 'bye_after_refer' }), takenBack)
      assert.ok((await shown('Answers to REFER, by code', { code: '405' }))! >= bridged)
      assert.ok((await shown('4XX, by code and direction', { direction: 'out', code: '404' }))! >= made.unknownNumber)
      assert.ok(
        (await shown('5XX and 6XX, by code and direction', { direction: 'out', code: '503' }))! >= made.withoutAgent,
      )
    })
  })
}

function noise(port: number): Promise<void> {
  const socket = createSocket('udp4')

  return new Promise((resolve, reject) => {
    socket.send('INVITE sip:x SIP/2.0\r\nnonsense\r\n\r\n', port, '127.0.0.1', (error) => {
      socket.close()
      if (error) reject(error)
      else resolve()
    })
  })
}
