import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { RoutesError } from '../../routes/index.ts'
import { parseRedisUrl, RedisStore, Routing } from '../../routes/index.ts'
import { connect, loadLibrary, redisTarget } from '../../routes/store/redis-client.ts'
import { ann, folder, projectFile, source } from './fixtures.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { RedisServer } from './redis-server.ts'
import { recordOf } from './store-contract.ts'
import { until } from '../harness/until.ts'

// Longer than a busy machine takes.
const times = { command: 5000, connect: 5000 }

describe('REDIS_URL', () => {
  it('names one server, Sentinels or a Cluster', () => {
    const one = parseRedisUrl('redis://ann:p%40ss@redis.example/3')
    assert.deepEqual(one, {
      kind: 'single',
      tls: false,
      hosts: [{ host: 'redis.example', port: 6379 }],
      username: 'ann',
      password: 'p@ss',
      master: undefined,
      database: 3,
      options: {},
    })
    const sentinel = parseRedisUrl('rediss+sentinel://:pw@a,[::1]:5000/main/2?ca=/x.pem')
    assert.deepEqual(sentinel?.hosts, [
      { host: 'a', port: 26379 },
      { host: '::1', port: 5000 },
    ])
    assert.deepEqual([sentinel.kind, sentinel.tls, sentinel.master, sentinel.database], ['sentinel', true, 'main', 2])
    assert.deepEqual([sentinel.username, sentinel.password, sentinel.options], [undefined, 'pw', { ca: '/x.pem' }])
    assert.equal(parseRedisUrl('redis+cluster://a:1,b:2')?.hosts.length, 2)
  })

  it('is refused when it is anything else', async () => {
    for (const url of [
      'http://x',
      'redis://',
      'redis://a,b',
      'redis://a:99999',
      'redis+sentinel://a',
      'redis://a/b',
      'redis://a/1/2',
    ]) {
      assert.equal(parseRedisUrl(url), undefined, url)
    }
    await assert.rejects(RedisStore.open({ url: 'http://x' }), (error: RoutesError) =>
      error.message.startsWith('REDIS_URL'),
    )
  })
})

describe('a connection to Redis', () => {
  it('may fail twice without the process hearing of it, as one by TLS does', async () => {
    const client = connect(await loadLibrary(), redisTarget(`rediss://127.0.0.1:${await freePort()}`)) as Redis
    try {
      await new Promise((resolve) => client.once('error', resolve))
      assert.doesNotThrow(() => client.stream.emit('error', new Error('told while it closes')))
    } finally {
      client.disconnect()
    }
  })
})

describe('routing tables in Redis', function () {
  this.timeout(120_000)
  const servers: RedisServer[] = []
  needs('redis-server', 'openssl')
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))
  const start = async (args: readonly string[]): Promise<RedisServer> => {
    const server = await RedisServer.start(args)
    servers.push(server)
    return server
  }

  it('are kept over TLS, by an ACL user with no more rights than it needs', async () => {
    const { path, clean } = await folder()
    const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    )
    const tlsPort = await freePort()
    await writeFile(
      join(path, 'users.acl'),
      'user default off\nuser baton on >s3cret ~baton:* &baton:* +@all -@admin -@dangerous +info\n',
    )
    await start([
      '--tls-port',
      String(tlsPort),
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-ca-cert-file',
      cert,
      '--tls-auth-clients',
      'no',
      '--aclfile',
      join(path, 'users.acl'),
    ])

    const url = (user: string): string => `rediss://${user}@127.0.0.1:${tlsPort}?ca=${cert}`
    const routing = await Routing.open({
      store: await RedisStore.open({ url: url('baton:s3cret'), times }),
      pollInterval: 50,
    })
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    assert.equal(routing.health().ok, true)
    await routing.close()

    // How soon they are told why depends on the machine.
    for (const [wrong, why] of [
      [url('baton:guess'), 'WRONGPASS'],
      [`rediss://baton:s3cret@127.0.0.1:${tlsPort}`, 'self-signed certificate'],
    ] as const) {
      const store = await RedisStore.open({ url: wrong, times: { ...times, connect: 1500 } })
      const refused = async (): Promise<void> => {
        const said = await store.revisions().then(
          () => 'it is let in',
          (error: unknown) => (error as RoutesError).message,
        )
        assert.ok(said.includes(why), said)
      }
      await until(why, refused, 30)
      await store.close()
    }
    await clean()
  })

  it('stay together in a Cluster of three, and are changed at once', async () => {
    const buses = [await freePort(), await freePort(), await freePort()]
    const cluster = [
      '--cluster-enabled',
      'yes',
      '--cluster-node-timeout',
      '2000',
      '--cluster-config-file',
      'nodes.conf',
    ]
    const nodes = await Promise.all(buses.map((bus) => start([...cluster, '--cluster-port', `${bus}`])))
    const ports = nodes.map(({ port }) => port)
    const ranges = [
      [0, 5460],
      [5461, 10922],
      [10923, 16383],
    ]
    for (const [i, node] of nodes.entries()) {
      await node.ask('CLUSTER', 'ADDSLOTSRANGE', ...ranges[i]!)
      await node.ask('CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
      if (i > 0) await node.ask('CLUSTER', 'MEET', '127.0.0.1', ports[0]!, buses[0]!)
    }
    await until(
      'the cluster',
      async () => {
        const infos = await Promise.all(nodes.map((node) => node.ask('CLUSTER', 'INFO')))
        return infos.every(
          (info) => String(info).includes('cluster_state:ok') && String(info).includes('cluster_known_nodes:3'),
        )
      },
      30,
    )

    const url = `redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join()}`
    const open = async (): Promise<Routing> =>
      Routing.open({ store: await RedisStore.open({ url, times }), pollInterval: 100 })
    const [one, two] = [await open(), await open()]
    // Names that live on different nodes.
    for (const project of ['demo', 'alpha', 'beta', 'gamma', 'delta']) {
      const number = `+1415555${String(1000 + project.length * 10 + project.charCodeAt(0))}`
      await one.putProject(
        project,
        source(projectFile({ project, environments: { live: { numbers: [number] } } })),
        ann,
      )
      await one.publish(project, ann)
      await one.promote(project, 'live', { version: 1 }, ann)
    }
    await until(
      'the other process',
      () => two.projects().every(({ environments }) => environments.live?.version === 1) && two.projects().length === 5,
    )
    const slots = new Set(
      await Promise.all(
        ['demo', 'alpha', 'beta', 'gamma', 'delta'].map((name) =>
          nodes[0]!.ask('CLUSTER', 'KEYSLOT', `baton:{${name}}:record`),
        ),
      ),
    )
    assert.equal(slots.size, 5)

    const store = await RedisStore.open({ url, times })
    const current = await store.record('demo')
    const revision = current!.revision
    const race = await Promise.all(
      [1, 2, 3].map(() => store.commit({ record: recordOf('demo', revision + 1), expected: revision, versions: [] })),
    )
    assert.deepEqual([...race].sort(), ['done', 'lost', 'lost'])
    await Promise.all([store.close(), one.close(), two.close()])
  })

  it('follow a Sentinel to the new master', async () => {
    const master = await start([])
    const replica = await start(['--replicaof', '127.0.0.1', String(master.port)])
    const port = await freePort()
    const { path, clean } = await folder()
    const conf = join(path, 'sentinel.conf')
    await writeFile(
      conf,
      [
        `sentinel monitor main 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 3000',
      ].join('\n'),
    )
    const sentinel = await RedisServer.sentinel(conf, port)
    servers.push(sentinel)
    await until('the replica', async () =>
      String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'),
    )
    await until('the Sentinel', async () => String(await sentinel.ask('INFO', 'sentinel')).includes('slaves=1'))

    const url = `redis+sentinel://127.0.0.1:${port}/main`
    const routing = await Routing.open({ store: await RedisStore.open({ url, times }), pollInterval: 100 })
    await routing.putProject('demo', source(projectFile()), ann)
    await routing.publish('demo', ann)
    await routing.promote('demo', 'live', { version: 1 }, ann)
    const probe = new Redis(replica.port, '127.0.0.1')
    await until('replication', async () => (await probe.get('baton:{demo}:revision')) === '3')
    probe.disconnect()

    await master.kill()
    // Told so, a Sentinel need not find out by itself, which a busy machine's clock can keep it from.
    const failOver = async (): Promise<void> => {
      await sentinel.ask('SENTINEL', 'FAILOVER', 'main').catch(() => undefined)
      const published = await routing.publish('demo', ann).then(Boolean, () => false)
      assert.ok(published, sentinel.log.slice(0, 200).join('\n'))
    }
    await until('the failover', failOver, 60)
    await until('health', () => routing.health().ok)
    await routing.promote('demo', 'live', { version: 2 }, ann)
    assert.equal(await replica.ask('GET', 'baton:{demo}:revision'), '5')
    await routing.close()
    await clean()
  })
})
