import { defined } from '../../../base/defined.ts'
import type { ContactSetting, EngineSettings } from './engine-settings.ts'
import { type OptionProblems, parseScrapePort } from './option-values.ts'

/** One option; `contact` is the last one before it, which `--external-ip` and `--dns-name` belong to. */
interface CommandLineOption {
  /** The value's name in the help; undefined for a flag. */
  value?: string
  help: string
  set(settings: EngineSettings, text: string, problems: OptionProblems, contact: ContactSetting | undefined): void
}

/** An option of drachtio-server that is accepted without effect. */
const inert = (name: string, value?: string): CommandLineOption =>
  defined({
    value,
    help: 'drachtio-server has it; without effect here',
    set: (_settings: EngineSettings, _text: string, problems: OptionProblems) =>
      problems.notices.push(`${name} has no effect here`),
  })

/** The options of drachtio-server, under its names. */
export const commandLineOptions: Readonly<Record<string, CommandLineOption>> = {
  contact: {
    value: 'uri',
    help: 'listen for SIP there, such as "sip:*;transport=udp,tcp"; may be repeated',
    set: ({ contacts }, uri) => contacts.push({ uri }),
  },
  'external-ip': {
    value: 'ip',
    help: 'the address that peers of the contact before it are told',
    set: (_, ip, problems, contact) => {
      if (contact) contact.externalIp = ip
      else problems.errors.push('--external-ip: it follows the --contact that it belongs to')
    },
  },
  'local-net': inert('--local-net', 'cidr'),
  'dns-name': {
    value: 'name',
    help: 'a DNS name of this server',
    set: (_, name, problems, contact) => {
      if (contact) contact.dnsNames = [...(contact.dnsNames ?? []), name]
      else problems.errors.push('--dns-name: it follows the --contact that it belongs to')
    },
  },
  address: {
    value: 'ip',
    help: 'listen for applications there (127.0.0.1)',
    set: (settings, text) => (settings.adminAddress = text),
  },
  port: {
    value: 'port',
    help: 'for applications (9022)',
    set: (settings, text, problems) => (settings.adminPort = problems.number('--port', text) ?? 0),
  },
  'tls-port': {
    value: 'port',
    help: 'for applications, with TLS (none)',
    set: (settings, text, problems) => (settings.adminTlsPort = problems.number('--tls-port', text) ?? 0),
  },
  secret: {
    value: 'text',
    help: 'what applications authenticate with (admin)',
    set: (settings, text) => (settings.secret = text),
  },
  loglevel: {
    value: 'level',
    help: 'error, warning, notice, info or debug (info); SIP messages are in the log from info on',
    set: (settings, text, problems) => (settings.logLevel = problems.logLevel('--loglevel', text) ?? 'info'),
  },
  'key-file': { value: 'pem', help: 'private key for TLS', set: (settings, text) => (settings.keyFile = text) },
  'cert-file': { value: 'pem', help: 'certificate for TLS', set: (settings, text) => (settings.certFile = text) },
  'chain-file': { value: 'pem', help: 'its chain', set: (settings, text) => (settings.chainFile = text) },
  'min-tls-version': {
    value: 'version',
    help: '1.2 or 1.3 (1.2); 1.0 and 1.1, which are not safe, stand for 1.2',
    set: (settings, text, problems) => {
      settings.minTlsVersion = problems.tlsVersion('--min-tls-version', text) ?? 1.2
    },
  },
  'tls-cipherlist': { value: 'list', help: 'ciphers', set: (settings, text) => (settings.tlsCipherList = text) },
  'tls-clients': {
    value: 'rule',
    help: 'whether applications must show a good certificate on TLS for SIP: none or required (none); not of drachtio-server',
    set: ({ tlsVerifies }, text, problems) => {
      tlsVerifies.clients = problems.oneOf('--tls-clients', text, ['none', 'required'] as const) === 'required'
    },
  },
  'tls-servers': {
    value: 'rule',
    help: 'whether servers that are called by TLS must: unverified or verified (unverified); not of drachtio-server',
    set: ({ tlsVerifies }, text, problems) => {
      tlsVerifies.servers = problems.oneOf('--tls-servers', text, ['unverified', 'verified'] as const) === 'verified'
    },
  },
  'ca-file': {
    value: 'pem',
    help: "the authorities of their certificates (the system's); not of drachtio-server",
    set: (settings, text) => (settings.caFile = text),
  },
  'prometheus-scrape-port': {
    value: '[host:]port',
    help: 'serve metrics there',
    set: (settings, text, problems) => {
      settings.prometheus = parseScrapePort('--prometheus-scrape-port', text, problems)
    },
  },
  'http-handler': {
    value: 'url',
    help: 'ask this URL what becomes of requests',
    set: ({ requestHandlers }, url) =>
      requestHandlers.push({ sipMethod: '*', httpMethod: 'GET', verifyPeer: true, url }),
  },
  'http-method': {
    value: 'method',
    help: 'how to ask it: GET or POST (GET)',
    set: ({ requestHandlers }, text, problems) => {
      const handler = requestHandlers.at(-1)
      const method = problems.oneOf('--http-method', text.toUpperCase(), ['GET', 'POST'] as const)
      if (handler && method) handler.httpMethod = method
      else if (!handler) problems.errors.push('--http-method: it follows the --http-handler that it belongs to')
    },
  },
  'tcp-keepalive-interval': {
    value: 'seconds',
    help: 'between probes of connections of applications (45)',
    set: (settings, text, problems) => {
      settings.tcpKeepAliveSeconds = problems.number('--tcp-keepalive-interval', text, 0, 86_400) ?? 45
    },
  },
  'disable-nat-detection': {
    help: 'believe Contacts, wherever requests come from',
    set: (settings) => (settings.natDetection = false),
  },
  'reject-register-with-no-realm': {
    help: 'refuse a REGISTER for an address',
    set: (settings) => (settings.rejectRegisterWithNoRealm = true),
  },
  'always-send-180': { help: 'ring at once', set: (settings) => (settings.alwaysSend180 = true) },
  'user-agent-options-auto-respond': {
    value: 'text',
    help: 'answer OPTIONS of this User-Agent',
    set: (settings, text) => (settings.userAgentOptionsAutoRespond = text),
  },
  'answer-to': {
    value: 'rule',
    help: 'requests without rport that come from elsewhere than their Via says: source, auto or via (source); not of drachtio-server',
    set: (settings, text, problems) => {
      settings.answerTo = problems.oneOf('--answer-to', text, ['source', 'auto', 'via'] as const) ?? 'source'
    },
  },
  'missing-to-tag': {
    value: 'rule',
    help: 'of requests that continue a dialog without its To tag: accepted or refused (accepted); not of drachtio-server',
    set: (settings, text, problems) => {
      const rule = problems.oneOf('--missing-to-tag', text, ['accepted', 'refused'] as const)
      settings.missingToTag = rule ?? 'accepted'
    },
  },
  'aggressive-nat-detection': inert('--aggressive-nat-detection'),
  'sofia-loglevel': inert('--sofia-loglevel', 'level'),
  stdout: {
    help: 'write the log to standard error, also beside a log file',
    set: ({ log }) => (log.onConsole = true),
  },
  'dh-param': inert('--dh-param', 'pem'),
  homer: {
    value: 'host:port',
    help: 'copy all SIP messages there, in HEP version 3 over UDP',
    set: ({ homer }, text, problems) => {
      const [, host = '', , port = '9060'] = /^(\[[\da-fA-F:.]+\]|[^:\s]+)(:(\d+))?$/.exec(text.trim()) ?? []
      homer.host = host.replace(/^\[|\]$/g, '')
      homer.port = problems.number('--homer', port, 1) ?? 9060
      if (host === '') problems.errors.push(`--homer: ${text} is no host:port`)
    },
  },
  'homer-id': {
    value: 'id',
    help: 'how Homer knows this engine (0)',
    set: ({ homer }, text, problems) => (homer.captureId = problems.number('--homer-id', text, 0, 0xffff_ffff) ?? 0),
  },
  mtu: {
    value: 'bytes',
    help: 'send longer requests by TCP instead of UDP, from 1000 on (never)',
    set: (settings, text, problems) => (settings.udpMtu = problems.mtu('--mtu', text) ?? 0),
  },
  'memory-debug': inert('--memory-debug'),
  'globally-readable-logs': {
    help: 'let every user read the log file',
    set: ({ log }) => (log.fileMode = 0o644),
  },
  daemon: inert('--daemon'),
  user: inert('--user', 'name'),
  'blacklist-redis-address': inert('--blacklist-redis-address', 'address'),
  'blacklist-redis-port': inert('--blacklist-redis-port', 'port'),
  'blacklist-redis-key': inert('--blacklist-redis-key', 'key'),
  'blacklist-redis-password': inert('--blacklist-redis-password', 'password'),
  'blacklist-redis-sentinels': inert('--blacklist-redis-sentinels', 'list'),
  'blacklist-redis-master': inert('--blacklist-redis-master', 'name'),
  'blacklist-refresh-secs': inert('--blacklist-refresh-secs', 'seconds'),
}

const shortNames: Readonly<Record<string, string>> = { c: 'contact', p: 'port', l: 'loglevel', u: 'user', f: 'file' }

/** The options that choose the XML file, or print and exit. */
export interface FileChoice {
  file?: string
  noConfig: boolean
  help: boolean
  version: boolean
}

/** Options that print and exit, or read no file. */
const switches: Readonly<Record<string, (choice: FileChoice) => void>> = {
  help: (choice) => (choice.help = true),
  h: (choice) => (choice.help = true),
  version: (choice) => (choice.version = true),
  v: (choice) => (choice.version = true),
  noconfig: (choice) => (choice.noConfig = true),
}

/** A command line as far as it has been read. */
interface ReadLine {
  readonly choice: FileChoice
  readonly given: { name: string; text: string; option: CommandLineOption }[]
  readonly problems: OptionProblems
}

/**
 * Reads `--name value` and `--name=value`, in order. `apply` puts the options into the settings, over those of the file and the
 * environment.
 */
export function readCommandLine(
  args: readonly string[],
  problems: OptionProblems,
): { choice: FileChoice; apply(settings: EngineSettings): void } {
  const line: ReadLine = { choice: { noConfig: false, help: false, version: false }, given: [], problems }
  const rest = [...args]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) readArgument(argument, rest, line)
  const { choice, given } = line
  const names = new Set(given.map(({ name }) => name))

  return {
    choice,
    apply: (settings) => {
      // Repeatable options of the command line replace the file's.
      if (names.has('contact')) settings.contacts = []
      if (names.has('http-handler')) settings.requestHandlers = []
      for (const { text, option } of given) option.set(settings, text, problems, settings.contacts.at(-1))
    },
  }
}

/** Reads one argument; its value may be the first of `rest`. */
function readArgument(argument: string, rest: string[], { choice, given, problems }: ReadLine): void {
  const { name, inline } = parseArgument(argument)
  const option = Object.hasOwn(commandLineOptions, name) ? commandLineOptions[name] : undefined
  const takesValue = name === 'file' || option?.value !== undefined
  const text = inline ?? (takesValue ? rest.shift() : undefined)
  const choose = Object.hasOwn(switches, name) ? switches[name] : undefined
  if (choose) choose(choice)
  else if (takesValue && text === undefined) problems.errors.push(`--${name}: its value is missing`)
  else if (name === 'file') choice.file = text ?? ''
  else if (option) given.push({ name, text: text ?? '', option })
  else problems.errors.push(`${argument}: there is no such option (--help lists them)`)
}

function parseArgument(argument: string): { name: string; inline: string | undefined } {
  const [, dashes, written = '', , inline] = /^(--?)([a-zA-Z0-9-]+)(=(.*))?$/s.exec(argument) ?? []

  return { name: dashes === '-' ? (shortNames[written] ?? written) : written, inline }
}
