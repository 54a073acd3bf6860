import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DocumentFiles, KeptDocument } from '../../../routes/index.ts'
import { Access, ConfiguredTokens } from '../../../server/access/index.ts'
import { ApiTokens } from '../../../server/access/api-tokens.ts'
import { emptyDirectory, readDirectory, type Directory } from '../../../server/access/directory.ts'
import { LastUses } from '../../../server/access/last-uses.ts'
import { Passwords } from '../../../server/access/passwords.ts'
import { People } from '../../../server/access/people.ts'
import { Sessions } from '../../../server/access/sessions.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const password = 'correct horse battery'
const minute = 60_000
const hour = 60 * minute
const times = { lifetimeMs: 12 * hour, idleMs: 2 * hour }

/** The access of a Baton whose clock the test holds. */
class Desk {
  static now = Date.UTC(2026, 0, 5, 9)
  readonly access: Access
  readonly people: People
  readonly sessions: Sessions
  readonly tokens: ApiTokens
  readonly directory: KeptDocument<Directory>

  static async open(dir: string): Promise<Desk> {
    return new Desk(
      await KeptDocument.open({
        store: new DocumentFiles(dir, 'directory'),
        ...{ log, what: 'people, tokens and sessions', empty: emptyDirectory, read: readDirectory },
      }),
    )
  }

  private constructor(directory: KeptDocument<Directory>) {
    const [passwords, uses, now] = [new Passwords(), new LastUses(directory), () => Desk.now]
    this.directory = directory
    this.access = new Access({
      ...{ configured: new ConfiguredTokens(undefined), directory, uses, sessionIdleMs: times.idleMs, now },
    })
    this.people = new People(directory, passwords, false, now)
    this.sessions = new Sessions(directory, passwords, uses, times, now)
    this.tokens = new ApiTokens(directory, uses, false, now)
  }
}

describe('a session', function () {
  this.timeout(30_000)
  let dir: string
  let desk: Desk
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'baton-sessions-'))
    desk = await Desk.open(dir)
    await desk.people.add('ann', password, { role: 'admin' })
  })
  afterEach(async () => {
    await desk.access.close()
    await rm(dir, { recursive: true, force: true })
  })
  const isOpen = (secret: string) => desk.access.bySession(secret)?.name === 'ann'

  it('ends twelve hours after it began, however it is used', async () => {
    const { secret, expiresAt } = await desk.sessions.signIn('ann', password)
    const end = Date.parse(expiresAt)
    assert.equal(end - Desk.now, times.lifetimeMs)
    while (Desk.now < end - hour) {
      Desk.now += hour
      assert.ok(isOpen(secret))
    }
    Desk.now = end - 1
    assert.ok(isOpen(secret))
    assert.equal(desk.people.get('ann')?.sessions, 1)
    Desk.now = end
    assert.equal(isOpen(secret), false)
    assert.equal(desk.people.get('ann')?.sessions, 0)
  })

  it('ends when it was not used for two hours, and a minute in which another Baton may have seen it', async () => {
    const used = await desk.sessions.signIn('ann', password)
    const unused = await desk.sessions.signIn('ann', password)
    Desk.now += times.idleMs
    assert.ok(isOpen(used.secret))
    Desk.now += minute
    assert.ok(isOpen(unused.secret))
    const left = await desk.sessions.signIn('ann', password)
    Desk.now += times.idleMs + minute + 1
    for (const { secret } of [used, unused, left]) assert.equal(isOpen(secret), false)
    // A sign-in clears what has ended away.
    await desk.sessions.signIn('ann', password)
    assert.equal(desk.directory.now?.sessions.length, 1)
  })

  it('is known to be in use after a restart', async () => {
    const { secret } = await desk.sessions.signIn('ann', password)
    Desk.now += times.idleMs
    assert.ok(isOpen(secret))
    await desk.access.close()
    desk = await Desk.open(dir)
    Desk.now += times.idleMs
    assert.ok(isOpen(secret))
  })

  it('is not begun by a password that is changed, or a person who is removed, while it is checked', async () => {
    await desk.people.add('bob', password, { role: 'viewer' })
    const other = await new Passwords().hash('another long password')
    // As another Baton does it.
    const changed = desk.directory.change((directory) => ({
      ...directory,
      people: directory.people.map((person) => (person.name === 'bob' ? { ...person, password: other } : person)),
    }))
    await assert.rejects(Promise.all([desk.sessions.signIn('bob', password), changed]), { slug: 'wrong_password' })
    const begun = assert.rejects(desk.sessions.signIn('bob', 'another long password'), { slug: 'wrong_password' })
    await Promise.all([begun, desk.people.remove('bob')])
    await assert.rejects(desk.sessions.begin('bob'), { slug: 'wrong_password' })
    assert.deepEqual(desk.directory.now?.sessions, [])
  })
})

describe('a token', function () {
  this.timeout(30_000)

  it('is good before its expiry, and at it no longer', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'baton-tokens-'))
    const desk = await Desk.open(dir)
    await desk.people.add('ann', password, { role: 'admin' })
    const end = Desk.now + hour
    const { secret } = await desk.tokens.create(
      { name: 'ci', role: 'viewer', expiresAt: new Date(end).toISOString() },
      'ann',
    )
    const role = () => desk.access.byToken(secret)?.role
    assert.equal(role(), 'viewer')
    Desk.now = end - 1
    assert.equal(role(), 'viewer')
    Desk.now = end
    assert.equal(role(), undefined)
    Desk.now = end + hour
    assert.equal(role(), undefined)
    await desk.access.close()
    await rm(dir, { recursive: true, force: true })
  })
})
