import { readFileSync } from 'node:fs'
import { isLoopback } from './addresses.ts'
import { type FileChoice, options, readCommandLine } from './command-line.ts'
import { applyEnvironment } from './environment.ts'
import { defaultSettings, type EngineSettings, publicSecrets } from './settings.ts'
import { Problems } from './values.ts'
import { applyXml } from './xml-file.ts'

const usualFile = '/etc/drachtio.conf.xml'

/** Where options come from. */
export interface OptionSources {
  /** After `baton engine`. */
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
}

export type ReadOptions =
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  | { kind: 'wrong'; problems: readonly string[] }
  | { kind: 'settings'; settings: EngineSettings; notices: readonly string[] }

/** Reads defaults, the XML file, the environment and the command line, each over what is before it; names every mistake. */
export function readOptions({ args, env }: OptionSources): ReadOptions {
  const problems = new Problems()
  const settings = defaultSettings()
  const line = readCommandLine(args, problems)
  const { choice } = line
  if (choice.help) return { kind: 'help', text: helpText() }
  if (choice.version) return { kind: 'version' }
  applyFile(choice, env.DRACHTIO_CONFIG_FILE_PATH, settings, problems)
  applyEnvironment(env, settings, problems)
  line.apply(settings)
  if (settings.contacts.length === 0) settings.contacts.push({ uri: 'sip:*;transport=udp,tcp' })
  if (!isLoopback(settings.adminAddress) && publicSecrets.has(settings.secret)) {
    problems.all.push(
      `--address ${settings.adminAddress}: others reach it, and everybody knows the secret "${settings.secret}". ` +
        'Set --secret (or DRACHTIO_SECRET), or listen on 127.0.0.1.',
    )
  }
  if (settings.certFile !== '' && !settings.tlsVerifies.servers) {
    problems.notices.push(
      'servers that are called by TLS need not prove who they are, as at drachtio-server: --tls-servers verified makes them',
    )
  }
  if (problems.all.length > 0) return { kind: 'wrong', problems: problems.all }

  return { kind: 'settings', settings, notices: problems.notices }
}

function applyFile(choice: FileChoice, named: string | undefined, settings: EngineSettings, problems: Problems): void {
  if (choice.noConfig) return
  const file = choice.file ?? (named === undefined || named === '' ? usualFile : named)
  let xml: string
  try {
    xml = readFileSync(file, 'utf8')
  } catch (error) {
    // Nobody has asked for the usual one.
    if (file !== usualFile || choice.file !== undefined) {
      problems.all.push(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
    return
  }
  applyXml(xml, file, settings, problems)
}

function helpText(): string {
  const lines = Object.entries(options).map(([name, { value, help }]) => {
    const written = `  --${name}${value === undefined ? '' : ` <${value}>`}`

    return `${written.padEnd(40)} ${help}`
  })

  return [
    'Usage: baton engine [options]',
    '',
    'The SIP engine alone, as a drachtio server: applications connect with drachtio-srf. In the foreground, until SIGTERM.',
    '',
    ...lines,
    `${'  --file <xml>'.padEnd(40)} drachtio-server's configuration (${usualFile}, if it is there)`,
    `${'  --noconfig'.padEnd(40)} read no file`,
    `${'  -v, --version'.padEnd(40)} print the version and exit`,
    '',
  ].join('\n')
}
