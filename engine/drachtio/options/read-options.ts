import { readFileSync } from 'node:fs'
import { isLoopback } from '../../../base/address.ts'
import { commandLineOptions, type FileChoice, readCommandLine } from './command-line.ts'
import { defaultEngineSettings, type EngineSettings, publicSecrets } from './engine-settings.ts'
import { applyEnvironment } from './environment.ts'
import { OptionProblems } from './option-values.ts'
import { applyXml } from './xml-file.ts'

const defaultFile = '/etc/drachtio.conf.xml'

/** The command line and the environment. */
export interface OptionSources {
  /** The arguments after `baton engine`. */
  args: readonly string[]
  env: Readonly<Record<string, string | undefined>>
}

export type ReadOptions =
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  | { kind: 'wrong'; problems: readonly string[] }
  | { kind: 'settings'; settings: EngineSettings; notices: readonly string[] }

/** Reads the defaults, the XML file, the environment and the command line; later ones win. All mistakes are named at once. */
export function readOptions({ args, env }: OptionSources): ReadOptions {
  const problems = new OptionProblems()
  const settings = defaultEngineSettings()
  const line = readCommandLine(args, problems)
  const { choice } = line
  if (choice.help) return { kind: 'help', text: helpText() }
  if (choice.version) return { kind: 'version' }
  applyFile(choice, env.DRACHTIO_CONFIG_FILE_PATH, settings, problems)
  applyEnvironment(env, settings, problems)
  line.apply(settings)
  if (settings.contacts.length === 0) settings.contacts.push({ uri: 'sip:*;transport=udp,tcp' })
  if (!isLoopback(settings.adminAddress) && publicSecrets.has(settings.secret)) {
    problems.errors.push(
      `--address ${settings.adminAddress}: others reach it, and everybody knows the secret "${settings.secret}". ` +
        'Set --secret (or DRACHTIO_SECRET), or listen on 127.0.0.1.',
    )
  }
  if (settings.certFile !== '' && !settings.tlsVerifies.servers) {
    problems.notices.push(
      'servers that are called by TLS need not prove who they are, as at drachtio-server: --tls-servers verified makes them',
    )
  }
  if (problems.errors.length > 0) return { kind: 'wrong', problems: problems.errors }

  return { kind: 'settings', settings, notices: problems.notices }
}

function applyFile(
  choice: FileChoice,
  named: string | undefined,
  settings: EngineSettings,
  problems: OptionProblems,
): void {
  if (choice.noConfig) return
  const file = choice.file ?? (named === undefined || named === '' ? defaultFile : named)
  let xml: string
  try {
    xml = readFileSync(file, 'utf8')
  } catch (error) {
    // The default file need not exist.
    if (file !== defaultFile || choice.file !== undefined) {
      problems.errors.push(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
    return
  }
  applyXml(xml, file, settings, problems)
}

function helpText(): string {
  const lines = Object.entries(commandLineOptions).map(([name, { value, help }]) => {
    const written = `  --${name}${value === undefined ? '' : ` <${value}>`}`

    return `${written.padEnd(40)} ${help}`
  })

  return [
    'Usage: baton engine [options]',
    '',
    'The SIP engine alone, as a drachtio server: applications connect with drachtio-srf. In the foreground, until SIGTERM.',
    '',
    ...lines,
    `${'  --file <xml>'.padEnd(40)} drachtio-server's configuration (${defaultFile}, if it is there)`,
    `${'  --noconfig'.padEnd(40)} read no file`,
    `${'  -v, --version'.padEnd(40)} print the version and exit`,
    '',
  ].join('\n')
}
