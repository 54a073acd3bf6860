import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { programPath } from './needs.ts'

const mark = 'BATON_OWN_NETWORK'
/** What its process may take beyond the test itself. */
const startMs = 30_000

/**
 * A test that changes links and addresses: it runs in a process of its own, in a network namespace of its own, as root of it.
 * Skipped where this user may make no namespace.
 */
export function inOwnNetwork(title: string, test: () => Promise<void>): void {
  if (process.env[mark] === '1') {
    it(title, test)

    return
  }
  it(title, async function () {
    const unshare = unshareCommand()
    if (!unshare) {
      console.log(`Skipped, since this user may make no network namespace: ${title}`)
      this.skip()
    }
    const { file = '' } = this.test ?? {}
    const [command, ...args] = [
      ...unshare,
      ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
      ...[process.execPath, resolve('node_modules/mocha/bin/mocha.js'), file, '--fgrep', title, '--fail-zero'],
    ]
    this.timeout(this.timeout() + startMs)
    const child = spawn(command, args, { env: { ...process.env, [mark]: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said += text))
    }
    const [code] = (await once(child, 'close')) as [number | null]
    assert.equal(code, 0, said)
  })
}

/** Root may, and others where the kernel lets them be root of a user namespace. */
function unshareCommand(): [string, ...string[]] | undefined {
  const unshare = programPath('unshare')
  if (unshare === undefined) return undefined
  const ways: [string, ...string[]][] = [
    [unshare, '--net'],
    [unshare, '--map-root-user', '--net'],
  ]

  return ways.find(([command, ...args]) => spawnSync(command, [...args, 'true']).status === 0)
}
