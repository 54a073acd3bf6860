import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { loadSettings } from '../../config/index.ts'
import { environmentKeys } from '../../config/schema.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string) => readFileSync(at(path), 'utf8')

interface Service {
  image?: string
  profiles?: string[]
  environment?: Record<string, string | number>
  volumes?: string[]
  depends_on?: string[] | Record<string, unknown>
  stop_grace_period?: string
}
const compose = parse(read('compose.yaml')) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  networks: { default: { ipam: { config: { subnet: string }[] } } }
}
const baton = compose.services.baton!

/** As compose does: `${NAME:-default}`, `${NAME:?message}`. */
function interpolate(text: string, env: Record<string, string> = {}): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, word = '') => {
    if (env[name]) return env[name]
    if (kind === '?') throw new Error(word as string)

    return word as string
  })
}

function environment(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(baton.environment ?? {}).map(([name, value]) => [name, interpolate(String(value), env)]),
  )
}

/** Instructions of the image's last stage, continuation lines joined. */
const stage = read('Dockerfile')
  .split(/^FROM /m)
  .at(-1)!
  .replaceAll('\\\n', ' ')
  .split('\n')
const instruction = (name: string) =>
  stage.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))
const imageEnvironment = Object.fromEntries(
  [...instruction('ENV')[0]!.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]),
)

describe('compose.yaml', () => {
  it('asks for ADMIN_TOKEN', () => {
    assert.throws(() => environment({}), /set ADMIN_TOKEN/)
  })

  it('gives Baton settings that exist and are sound', () => {
    const settings = environment({ ADMIN_TOKEN: 'long' })
    for (const name of Object.keys(settings)) {
      assert.ok(
        name === 'BATON_CONFIG' || (environmentKeys as string[]).includes(name.toLowerCase()),
        `${name} is no setting`,
      )
    }
    const env = { ...imageEnvironment, ...settings, PROJECTS: settings.PROJECTS!.replace('/app', at('.')) }
    const { trunks, http, redisUrl } = loadSettings({ env, file: at('config/baton.compose.yaml') })
    assert.deepEqual([http.address, redisUrl], ['0.0.0.0', 'redis://redis:6379'])
    assert.deepEqual(
      trunks.flatMap(({ peers }) => peers),
      ['127.0.0.0/8', '::1/128', ...compose.networks.default.ipam.config.map(({ subnet }) => subnet)],
      'no private address is a peer, but for those of its own network',
    )
  })

  it('gives Baton longer to stop than it drains', () => {
    assert.ok(parseInt(baton.stop_grace_period ?? '0') > Number(baton.environment?.DRAIN_DEADLINE))
  })

  it('mounts what is there, names its volumes and depends on what it has', () => {
    for (const [name, { volumes = [], depends_on = [] }] of Object.entries(compose.services)) {
      for (const volume of volumes) {
        const [source = ''] = interpolate(volume).split(':')
        assert.ok(source.startsWith('./') ? existsSync(at(source)) : source in compose.volumes, `${name}: ${volume}`)
      }
      for (const other of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)) {
        assert.ok(other in compose.services, `${name} depends on ${other}`)
      }
    }
  })

  it('starts drachtio-server only when it is asked to', () => {
    assert.deepEqual(compose.services.drachtio?.profiles, ['drachtio'])
    const { drachtio } = loadSettings({
      env: { ...environment({ ADMIN_TOKEN: 'long' }), BATON_CONFIG: '', PROJECTS: '' },
    })
    assert.equal(drachtio, undefined)
  })

  it('has Prometheus scrape the services by their names, and Grafana find its datasource and dashboard', () => {
    assert.match(read('metrics/prometheus/prometheus.yaml'), /baton:9464/)
    const { datasources } = parse(read('metrics/grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: { uid: string; url: string }[]
    }
    assert.deepEqual([datasources[0]?.uid, datasources[0]?.url], ['prometheus', '${PROMETHEUS_URL}'])
    const { providers } = parse(read('metrics/grafana/provisioning/dashboards/baton.yaml')) as {
      providers: { options: { path: string } }[]
    }
    const mounts = compose.services.grafana?.volumes ?? []
    assert.ok(mounts.some((mount) => mount.includes(`:${providers[0]?.options.path ?? ''}:`)))
    assert.ok(compose.services.grafana?.environment?.PROMETHEUS_URL)
  })
})

describe('the image', () => {
  it('refuses to run without ADMIN_TOKEN, and runs with it', () => {
    assert.throws(() => loadSettings({ env: imageEnvironment }), /ADMIN_TOKEN/)
    const settings = loadSettings({ env: { ...imageEnvironment, ADMIN_TOKEN: 'long' } })
    assert.deepEqual([settings.dataDir, settings.metrics.address], ['/data', '0.0.0.0'])
  })

  it('is not root, keeps its data in a volume and drains when it is stopped', () => {
    assert.deepEqual(
      [instruction('USER'), instruction('VOLUME'), instruction('STOPSIGNAL')],
      [['node'], ['/data'], ['SIGTERM']],
    )
  })

  it('is healthy when Baton is ready, and only then', async () => {
    const [, , script = ''] = JSON.parse(instruction('HEALTHCHECK')[0]!.replace(/^.*CMD /, '')) as string[]
    const asked: (string | undefined)[] = []
    let status = 200
    const server = createServer((request, response) => {
      asked.push(request.url)
      response.writeHead(status).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const check = async () => {
      const child = spawn(process.execPath, ['-e', script], {
        env: { HTTP_LISTEN: `0.0.0.0:${port}` },
        stdio: 'ignore',
      })

      return ((await once(child, 'exit')) as [number])[0]
    }

    assert.equal(await check(), 0)
    status = 503
    assert.equal(await check(), 1)
    server.close()
    server.closeAllConnections()
    assert.equal(await check(), 1)
    assert.deepEqual(asked, ['/readyz', '/readyz'])
  })
})
