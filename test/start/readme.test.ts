import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'mocha'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Tree, type Run } from './tree.ts'
import { until } from '../harness/until.ts'

const readme = readFileSync('README.md', 'utf8')
const commands = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block)
const [sample = ''] = [...readme.matchAll(/```text\n([^]*?)```/g)].map(([, block]) => block)

/** Ports of the README and the demo project → those of this test. */
async function choosePorts(): Promise<(text: string) => string> {
  const ports = new Map<string, number>()
  for (const port of ['5060', '5090', '5091', '5092', '5093', '8080', '9464']) ports.set(port, await freePort())

  return (text) => text.replace(/\b(?:5060|509[0-3]|8080|9464)\b/g, (port) => `${ports.get(port)}`)
}

/** As at a terminal, where each party listens before the next line is typed; and where who waits a second waits for long enough. */
function unhurried(script: string): string {
  return script
    .replace(/^sipp .*-p (\d+).*$/gm, (line, port) => {
      const listens = `grep -qi ':${Number(port).toString(16).padStart(4, '0')} ' /proc/net/udp`

      return `while ${listens}; do sleep 0.05; done\n${line}\nuntil ${listens}; do sleep 0.05; done`
    })
    .replace(/^sleep 1\n(curl .*)$/m, `until $1 | grep -q '"result":'; do sleep 0.1; done\n$1`)
}

/** What stays the same from run to run: numbers become 0, and runs of blanks one blank. */
function shape(text: string): Set<string> {
  return new Set(text.split('\n').map((line) => line.replace(/\d+/g, '0').replace(/\s+/g, ' ').trim()))
}

describe('the README', function () {
  needs('sipp', 'curl')
  this.timeout(300_000)
  let tree: Tree
  let baton: Run
  let env: NodeJS.ProcessEnv
  let here: (text: string) => string

  before(async () => {
    here = await choosePorts()
    tree = new Tree()
    tree.edit('config/projects/demo.yaml', here)
    env = {
      ...process.env,
      SIP_LISTEN: here('udp:127.0.0.1:5060,tcp:127.0.0.1:5060'),
      OVERLOAD_LAG: '0',
      HTTP_LISTEN: here('127.0.0.1:8080'),
      METRICS_LISTEN: here('127.0.0.1:9464'),
    }
    const [start = ''] = commands
    assert.equal(start, 'npm start\n')
    baton = tree.run('npm', ['start'], env)
    await baton.printed('Try next')
  })
  after(async () => {
    await (baton as Run | undefined)?.kill()
    ;(tree as Tree | undefined)?.remove()
  })

  const play = async (script: string): Promise<string> => {
    const run = tree.run('bash', ['-c', unhurried(here(script))], env)
    await run.ended

    return run.output
  }
  /** A reader takes longer than this to copy the next commands. */
  const connected = async (): Promise<void> => {
    await until('a call is connected', async () => {
      const response = await fetch(here('http://127.0.0.1:8080/v1/calls?state=connected'))

      return ((await response.json()) as { calls: unknown[] }).calls.length > 0
    })
  }
  const blockWith = (text: string): string => {
    const found = commands.filter((block) => block.includes(text))
    assert.equal(found.length, 1, `one block of the README has ${text}`)

    return found[0] ?? ''
  }

  it('shows what npm start prints', () => {
    const printed = shape(baton.output)

    for (const line of shape(sample)) assert.ok(printed.has(line), `not printed: ${line}\n${baton.output}`)
  })

  it('hands a call off with curl', async () => {
    await play(blockWith('-bg 127.0.0.1:5060'))
    await connected()
    const output = await play(blockWith('/transfer'))

    assert.match(output, /"transferId":"[^"]+"/)
    assert.match(output, /"handoff":"front-desk"[^\n]*"result":"succeeded"/)
    assert.match(output, /X-Ticket: 42/)
    assert.match(output, /NOTIFY.*SIP\/2\.0 200 OK/)
  })

  it('has SIPp play a caller whose carrier refuses REFER, who is bridged', async () => {
    const output = await play(blockWith('uac-refer-refused-bridged'))
    assert.match(output, /Successful call +\| +\d+ +\| +1 /, output)

    const calls = await play('curl -s "http://127.0.0.1:8080/v1/calls?limit=1"')
    assert.match(calls, /"method":"refer".*"reason":"refer_refused".*"method":"invite".*"result":"succeeded"/)
  })

  it('changes the table while calls are up', async () => {
    const output = await play(`set -e\n${blockWith('npx baton')}echo all done`)

    assert.match(output, /PASSED: front-desk of demo sandbox/)
    assert.match(output, /all done\n$/, output)
  })

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)

    assert.ok(links.length > 5)
    for (const path of links) assert.ok(existsSync(join(tree.folder, path)), path)
  })

  it('lets Ctrl-C stop it, and the second start builds nothing', async () => {
    await baton.interrupt()
    assert.match(baton.output, /stopped/)

    baton = tree.run('npm', ['start'], env)
    await baton.printed('Try next')
    assert.doesNotMatch(baton.output, /Building|Installing/)
  })
})
