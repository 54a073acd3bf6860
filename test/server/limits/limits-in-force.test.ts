import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Trunk } from '../../../config/index.ts'
import { Choices, type WrittenChoice } from '../../../base/choice.ts'
import type { PinnedTable, Routing } from '../../../routes/index.ts'
import { LimitsInForce } from '../../../server/limits/shared-limits.ts'

interface Running {
  agents?: WrittenChoice[]
  settings?: Partial<PinnedTable['settings']>
  handoffs?: { limit?: object }[]
}

/** What runs, by project. */
class Routes extends EventEmitter {
  readonly releases = new Map<string, Running[]>()

  promote(project: string, ...releases: Running[]): void {
    this.releases.set(project, releases)
    this.emit('changed', project)
  }

  projects() {
    return [...this.releases.keys()].map((project) => ({ project }))
  }

  running(project: string) {
    return (this.releases.get(project) ?? []).map(({ agents = [], settings = {}, handoffs = [] }) => ({
      agentChoices: new Choices(agents),
      settings,
      handoffs,
    }))
  }

  follow(trunks: readonly Partial<Trunk>[] = []): { inForce: LimitsInForce; told: boolean[] } {
    const told: boolean[] = []
    const inForce = new LimitsInForce(trunks as Trunk[], this as unknown as Routing)
    inForce.follow((areThere) => told.push(areThere))

    return { inForce, told }
  }
}

const limit = { calls: 1 }
const uri = 'sip:a@127.0.0.1:9'

describe('Limits in force', () => {
  it('are those of any project, environment, agent or handoff that runs, and are told as they come and go', () => {
    const routes = new Routes()
    routes.promote('plain', { agents: [uri], handoffs: [{}] })
    const { inForce, told } = routes.follow()
    assert.equal(inForce.areThere, false)
    for (const release of [
      { settings: { limit } },
      { settings: { projectLimit: limit } },
      { agents: [uri, { uri, limit }] },
      { handoffs: [{}, { limit }] },
    ]) {
      routes.promote('hotel', {}, release)
      routes.promote('plain', { agents: [uri] })
      routes.promote('hotel', {})
      assert.deepEqual(told.splice(0), [true, true, false])
    }
    inForce.close()
    inForce.close()
    routes.promote('hotel', { settings: { limit } })
    assert.deepEqual([told, routes.listenerCount('changed')], [[], 0])
  })

  it('are there for good when a trunk, a gateway of it, or a cap has one', () => {
    const gateways = new Choices([{ uri, limit }])
    for (const trunk of [{ limit }, { choices: gateways }, { caps: [{ prefix: '+44', callsPerDay: 1 }] }]) {
      const { inForce } = new Routes().follow([{}, trunk])
      assert.equal(inForce.areThere, true)
      inForce.close()
    }
    const { inForce } = new Routes().follow([{ choices: new Choices([uri]) }])
    assert.equal(inForce.areThere, false)
  })
})
