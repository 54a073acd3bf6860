import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { loadSettings, type Settings } from '../../config/index.ts'
import { lintProject, readProject } from '../../routes/index.ts'
import { listenersOf } from '../../server/explain/explained-call.ts'
import { Explainer } from '../../server/explain/explainer.ts'
import { sipSetupOf } from '../../server/legs/trunks.ts'
import { pinned } from '../routes/fixtures.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const files = readdirSync(at('config/providers')).map((file) => file.replace(/\.yaml$/, ''))

const yamlBlock = (page: string): string => /^```yaml\n([^]*?)^```$/m.exec(page)?.[1] ?? ''

/** A project whose only handoffs are those of a trunk's page. */
const projectOf = (handoffs: unknown) => ({
  project: 'provider',
  environments: {
    live: { numbers: ['+14155550100'], agents: ['sip:agent@127.0.0.1'], variables: { account: '1001' } },
  },
  table: { handoffs },
})

interface ProviderFile {
  project?: string
}

/**
 * What a transfer of the default handoff sends with this file: its messages, with the lines that the page is about; for a
 * platform, the INVITE to the agent is the first.
 */
async function sent(name: string): Promise<string> {
  const path = at(`config/providers/${name}.yaml`)
  const text = readFileSync(path, 'utf8')
  const { project } = parse(text) as ProviderFile
  const block = yamlBlock(readFileSync(at(`docs/providers/${name}.md`), 'utf8'))
  // A platform's file is a project; its page may have settings for it.
  const configuration = project === undefined ? text : block
  const { settings, isTls } = settingsOf(configuration || '{}')
  const file = readProject({
    ...(project === undefined
      ? { text: JSON.stringify(projectOf(parse(block))), type: 'json' }
      : { text, type: 'yaml' }),
  })
  const findings = await lintProject(file, Date.now(), sipSetupOf(settings))
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  )

  const explainer = new Explainer({ settings, listeners: () => listenersOf(settings, []) })
  const { numbers = [], agents = [], variables = {} } = file.environments.live ?? {}
  const { messages, warnings, agentInvite } = await explainer.explain({
    pinned: pinned(file.table, { numbers, agents, variables }),
    trunk: explainer.trunkNamed() ?? assert.fail('there is no trunk'),
    caller: { caller: '+14155550123' },
    request: { handoff: 'person' },
    at: Date.now(),
  })
  assert.deepEqual(
    warnings.filter(({ code }) => code !== 'refer_off' && code !== 'short_number'),
    [],
  )

  return [
    ...(project === undefined ? [] : [shown(agentInvite, ['From', 'To', 'Contact'])]),
    ...messages.map((message) => shown(message.text, isTls ? ['Contact'] : [])),
  ].join('\n\n')
}

function settingsOf(text: string): { settings: Settings; isTls: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'baton-provider-'))
  const file = join(folder, 'baton.yaml')
  const isTls = text.includes('sip_tls_certificates')
  try {
    writeFileSync(file, text)

    // Any file that can be read: there is no certificate at the place that a page names.
    return { settings: loadSettings({ env: isTls ? { SIP_TLS_CERTIFICATES: file } : {}, file }), isTls }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function shown(text: string, more: readonly string[]): string {
  const [start = '', ...lines] = text.split('\r\n\r\n', 1)[0]!.split('\r\n')
  const names = ['Refer-To', 'Diversion', 'User-to-User', 'X-.*?', ...more]
  const isShown = new RegExp(`^(${names.join('|')}):`)
  const first = start.startsWith('REFER') ? 'REFER to the caller' : start

  // Tags and the id are those of one call.
  return [first, ...lines.filter((line) => isShown.test(line))]
    .join('\n')
    .replace(/;tag=\w+/g, '')
    .replace(/^(X-Baton-Call-Id): .*$/m, '$1: the id of the call')
}

describe('config/providers', () => {
  for (const name of files) {
    it(`${name} loads, passes the project check, and sends what its page shows`, async () => {
      const said = `\`\`\`text\n${await sent(name)}\n\`\`\``
      const path = at(`docs/providers/${name}.md`)
      const page = readFileSync(path, 'utf8')
      if (process.env.UPDATE_PROVIDERS) {
        writeFileSync(
          path,
          page.replace(/^```text\n[^]*?^```$/m, () => said),
        )
      } else {
        assert.ok(page.includes(said), `docs/providers/${name}.md is to have (UPDATE_PROVIDERS=1 writes it):\n${said}`)
      }
    })
  }

  it('has a page for each file, which the list of providers names', () => {
    const list = readFileSync(at('docs/providers/README.md'), 'utf8')
    const pages = readdirSync(at('docs/providers')).filter((page) => page !== 'README.md')
    assert.deepEqual(
      pages,
      files.map((file) => `${file}.md`),
    )
    for (const page of pages) assert.ok(list.includes(`(${page})`), page)
  })
})
