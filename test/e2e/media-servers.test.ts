import assert from 'node:assert/strict'
import { Baton } from '../harness/baton.ts'
import { total } from '../harness/metrics.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'

interface Finding {
  check: string
  state: string
  detail: string
  where?: string
}

const [stack] = stacks

describe('The rtpengines of a Baton that serves', function () {
  this.timeout(60_000)
  needs('rtpengine')
  let rtpengine: Rtpengine
  let dead = ''
  let baton: Baton
  before(async function () {
    if (!stack) return this.skip()
    rtpengine = await Rtpengine.start()
    dead = `127.0.0.1:${await freePort()}`
    baton = await Baton.start({ stack, env: { MEDIA: 'rtpengine', RTPENGINE: `${rtpengine.address},${dead}` } })
  })
  after(async () => {
    await baton.stop()
    await rtpengine.kill()
  })

  const up = async (server: string) => (await baton.metrics()).get(`baton_media_server_up{server="${server}"}`)
  const media = async () => {
    const response = await baton.request('GET', '/readyz')
    const { checks } = (await response.json()) as { checks: { name: string; state: string; detail?: string }[] }

    return { status: response.status, ...checks.find(({ name }) => name === 'media') }
  }

  it('are told apart by /readyz and the metrics: calls go on without the one that does not answer', async () => {
    const { status, state, detail = '' } = await media()
    assert.deepEqual([status, state], [200, 'degraded'])
    assert.match(detail, new RegExp(`^rtpengine ${dead}: .*ECONNREFUSED$`))
    assert.deepEqual([await up(rtpengine.address), await up(dead)], [1, 0])
    const samples = await baton.metrics()
    assert.equal(samples.get('baton_degraded{check="media"}'), 1)
    assert.equal(total(samples, 'baton_media_sessions'), 0)
    assert.ok((samples.get('baton_media_commands_total{command="ping",result="ok"}') ?? 0) >= 1)
    assert.ok((samples.get('baton_media_commands_total{command="ping",result="unreachable"}') ?? 0) >= 1)
  })

  it('are asked by doctor, which names the one that does not answer', async () => {
    const { findings } = await baton.api<{ findings: Finding[] }>('GET', '/v1/doctor')
    const asked = findings.filter(({ check }) => check.startsWith('rtpengine '))
    assert.deepEqual(
      asked.map(({ check, state, where }) => [check, state, where]),
      [
        [`rtpengine ${rtpengine.address}`, 'ok', undefined],
        [`rtpengine ${dead}`, 'failed', 'RTPENGINE'],
      ],
    )
    assert.match(asked[1]?.detail ?? '', /^does not answer ping: .*ECONNREFUSED$/)
  })

  it('are logged as they go down and come back', async () => {
    await rtpengine.kill()
    assert.equal((await baton.logged('rtpengine down')).server, rtpengine.address)
    assert.equal((await media()).detail?.includes(rtpengine.address), true)
    await rtpengine.run()
    await until('the rtpengine is up again', async () => (await up(rtpengine.address)) === 1)
    assert.equal((await media()).detail?.includes(rtpengine.address), false)
  })
})
