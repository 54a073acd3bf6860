import assert from 'node:assert/strict'
import { FileStore, Routing, type RoutesError, type SipSetup } from '../../routes/index.ts'
import { ann, folder, projectFile, source } from './fixtures.ts'

const carrier = { name: 'carrier', gateways: ['sip:192.0.2.1'] }
const bare = { name: 'bare' }
const secure = { name: 'secure', gateways: ['sips:gw.example'] }
const german = { name: 'german', gateways: ['sip:192.0.2.2'], country: 'DE', numberFormat: 'national' } as const

describe('handoffs that cannot be called', () => {
  let dir: Awaited<ReturnType<typeof folder>>
  const opened: Routing[] = []
  beforeEach(async () => {
    dir = await folder()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((routing) => routing.close()))
    await dir.clean()
  })

  /** A project with these handoffs, on a Baton that has these trunks; the first handoff is the default. */
  const withTable = async (handoffs: object[], sipSetup: SipSetup) => {
    const routing = await Routing.open({ store: await FileStore.open({ dir: dir.path }), sipSetup })
    opened.push(routing)
    const table = { handoffs: handoffs.map((handoff, i) => ({ name: `desk-${i}`, default: i === 0, ...handoff })) }
    const environments = { live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1'] } }
    await routing.putProject('demo', source(projectFile({ environments, table })), ann)
    await routing.publish('demo', ann)

    return routing
  }
  const invite = { method: 'invite', route: '+14155550111' }

  it('are errors of lint, for each trunk whose callers could not be sent there', async () => {
    const routing = await withTable(
      [invite, { method: 'invite', route: 'sip:a@192.0.2.9' }, { ...invite, active: false }],
      { trunks: [carrier, bare, secure, german], listens: ['udp', 'tcp'] },
    )
    const found = (await routing.lint('demo')).filter(({ severity }) => severity === 'error')
    assert.deepEqual(
      found.map(({ code, pointer }) => [code, pointer]),
      [
        ['no_gateway', '/table/handoffs/0/route'],
        ['no_listener', '/table/handoffs/0/route'],
        ['number_format', '/table/handoffs/0/route'],
      ],
    )
    assert.match(
      found[0]?.problem ?? '',
      /^callers of trunk bare, INVITE: \+14155550111 is a number, and trunk bare has no gateway/,
    )
    assert.ok(found.every(({ hint }) => hint !== undefined))
  })

  it('are warnings where another attempt is left', async () => {
    const routing = await withTable([{ route: '+14155550111' }], { trunks: [bare] })
    const [found] = (await routing.lint('demo')).filter(({ code }) => code === 'no_gateway')
    assert.equal(found?.severity, 'warning')
    await routing.promote('demo', 'live', { version: 1 }, ann)
  })

  it('are errors where the trunk takes no REFER, and there is no other way', async () => {
    const routing = await withTable([{ route: '+14155550111' }], { trunks: [{ ...bare, refer: false }] })
    const [found] = await routing.lint('demo')
    assert.deepEqual([found?.severity, found?.code], ['error', 'no_gateway'])
  })

  it('are published, and promoted only with a reason, which history keeps', async () => {
    const routing = await withTable([invite], { trunks: [carrier, bare] })
    const lost = await routing
      .promote('demo', 'live', { version: 1 }, ann)
      .catch((error: unknown) => error as RoutesError)
    assert.ok('slug' in lost)
    assert.deepEqual([lost.slug, lost.status, lost.errors?.length], ['would_fail', 409, 1])
    assert.equal(lost.errors?.[0]?.pointer, '/handoffs/0/route')
    assert.equal(routing.current('demo', 'live'), undefined)

    const { entry } = await routing.promote('demo', 'live', { version: 1, force: 'the gateway comes tonight' }, ann)
    assert.equal(entry.forced, 'the gateway comes tonight')
    const [last] = await routing.history('demo', 1)
    assert.deepEqual([last?.action, last?.forced, last?.why], ['promote', 'the gateway comes tonight', 'because'])
    // What runs is judged again when it is promoted again with other settings.
    await assert.rejects(routing.promote('demo', 'live', {}, ann), { slug: 'would_fail' })
  })

  it('with a header that a trunk leaves out for its length are among them', async () => {
    const limits = (bytesEach: number) => ({ headerLimits: { count: 50, bytesEach, bytesTotal: 8192 } })
    const long = { method: 'invite', route: 'sip:a@192.0.2.9', headers: { 'X-Long': 'x'.repeat(3000) } }
    const routing = await withTable([long], {
      trunks: [
        { ...carrier, ...limits(4096) },
        { ...bare, ...limits(2048) },
      ],
    })
    const [found] = await routing.lint('demo')
    assert.deepEqual(
      [found?.severity, found?.code, found?.pointer],
      ['error', 'header_too_large', '/table/handoffs/0/headers/X-Long'],
    )
    assert.match(found?.problem ?? '', /trunk bare takes 2048$/)
    await assert.rejects(routing.promote('demo', 'live', { version: 1 }, ann), { slug: 'would_fail' })
  })

  it('without SRTP, where a handoff requires it, are callers whom lint warns of', async () => {
    const routing = await withTable([{ ...invite, encryption: 'required' }], { trunks: [carrier] })
    const [found] = (await routing.lint('demo')).filter(({ code }) => code === 'srtp_required')
    assert.deepEqual([found?.severity, found?.pointer], ['warning', '/table/handoffs/0/encryption'])
    await routing.promote('demo', 'live', { version: 1 }, ann)
  })

  it('are promoted where every trunk can call them', async () => {
    const routing = await withTable([invite], { trunks: [carrier] })
    await routing.promote('demo', 'live', { version: 1 }, ann)
    assert.deepEqual(
      (await routing.lint('demo')).filter(({ severity }) => severity === 'error'),
      [],
    )
  })
})
