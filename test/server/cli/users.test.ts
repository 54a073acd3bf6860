import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Terminal } from './terminal.ts'

describe('baton users', () => {
  let terminal: Terminal
  beforeEach(async () => (terminal = await Terminal.open()))
  afterEach(() => terminal.close())

  it('adds, lists, changes and removes people in the store, whose passwords are neither stored nor readable by others', async () => {
    const first = await terminal.baton('users', 'add', 'ann', '--role', 'admin')
    const [, password = ''] = /shown this once: (\S+)/.exec(first.out) ?? []
    terminal.input = 'a long enough one\n'
    const second = await terminal.baton('users', 'add', 'bob', '--projects', 'demo,hotel', '--password-stdin', '--json')
    const list = await terminal.baton('users')
    const role = await terminal.baton('users', 'role', 'bob', 'operator', '--all-projects')
    const reset = await terminal.baton('users', 'set-password', 'bob')
    const dir = join(terminal.env.DATA_DIR!, 'access')
    const files = await readdir(dir)
    const stored = await readFile(join(dir, files[0]!), 'utf8')
    const { mode } = await stat(join(dir, files[0]!))
    const removed = await terminal.baton('users', 'remove', 'bob')

    assert.equal(first.code, 0, first.err)
    assert.equal(password.length, 20)
    assert.deepEqual((JSON.parse(second.out) as { person: { projects: string[] } }).person.projects, ['demo', 'hotel'])
    assert.match(list.out, /ann +admin +all +password +never +0/)
    assert.match(list.out, /bob +viewer +demo hotel/)
    assert.match(role.out, /bob +operator +all/)
    assert.match(reset.out, /shown this once/)
    assert.equal(files.length, 1)
    assert.equal(mode & 0o777, 0o600)
    for (const secret of [password, 'a long enough one']) assert.ok(!stored.includes(secret))
    assert.equal(removed.code, 0)
  })

  it('gives a person another role in some projects', async () => {
    await terminal.baton('users', 'add', 'ann', '--role', 'admin')
    const given = ['--projects', 'hotel,spa', '--project-roles', 'hotel:operator']
    const added = await terminal.baton('users', 'add', 'bob', ...given)
    const list = await terminal.baton('users')
    const wide = await terminal.baton('users', 'role', 'bob', '--all-projects')
    const plain = await terminal.baton('users', 'role', 'bob', '--no-project-roles')
    const other = await terminal.baton('users', 'role', 'bob', '--projects', 'spa', '--project-roles', 'hotel:viewer')
    const unread = ['hotel', 'hotel:king', ':viewer', 'a:b:viewer'].map((text) =>
      terminal.baton('users', 'role', 'bob', '--project-roles', text),
    )
    const last = await terminal.baton('users', 'role', 'ann', '--project-roles', 'hotel:viewer')

    assert.equal(added.code, 0, added.err)
    assert.match(list.out, /bob +viewer +spa hotel:operator/)
    assert.match(wide.out, /bob +viewer +all hotel:operator/)
    assert.match(plain.out, /bob +viewer +all +password/)
    assert.equal(other.code, 1)
    assert.match(other.err, /hotel is not one of projects/)
    for (const { code, err } of await Promise.all(unread)) {
      assert.equal(code, 1)
      assert.match(err, /is not project:role, such as hotel:operator/)
    }
    assert.match(last.err, /Without an admin for all projects/)
  })

  it('says what is wrong, and leaves an admin', async () => {
    const noAdmin = await terminal.baton('users', 'add', 'ann')
    terminal.input = 'short'
    const weak = await terminal.baton('users', 'add', 'ann', '--role', 'admin', '--password-stdin')
    await terminal.baton('users', 'add', 'ann', '--role', 'admin')
    await terminal.baton('users', 'add', 'bob')
    const twice = await terminal.baton('users', 'add', 'ann')
    const lastAdmin = await terminal.baton('users', 'role', 'ann', 'viewer')
    const unknown = await terminal.baton('users', 'remove', 'carl')
    const noRole = await terminal.baton('users', 'role', 'ann', 'king')

    assert.deepEqual(
      [noAdmin, weak, twice, lastAdmin, unknown, noRole].map(({ code }) => code),
      [1, 1, 1, 1, 1, 1],
    )
    assert.match(noAdmin.err, /add one first, or set ADMIN_TOKEN/)
    assert.match(weak.err, /10 to 200 characters/)
    assert.match(twice.err, /There is a person ann already/)
    assert.match(lastAdmin.err, /Without an admin/)
    assert.match(unknown.err, /There is no person carl/)
    assert.match(noRole.err, /there are viewer, operator, publisher, admin/)
  })
})
