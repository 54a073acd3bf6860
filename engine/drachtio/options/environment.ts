import type { EngineSettings } from './engine-settings.ts'
import { type OptionProblems, parseScrapePort } from './option-values.ts'

type EnvironmentVariable = (settings: EngineSettings, text: string, problems: OptionProblems, name: string) => void

/** A variable of drachtio-server that has no effect here, which a notice says. */
const inert =
  (instead: string): EnvironmentVariable =>
  (_settings, _text, problems, name) =>
    problems.notices.push(`${name} has no effect here: ${instead}`)

const noBlacklist = inert('there is no blacklist')

/** The variables of drachtio-server, under its names. */
const variables: Readonly<Record<string, EnvironmentVariable>> = {
  DRACHTIO_ADMIN_TCP_PORT: (settings, text, problems, name) => {
    settings.adminPort = problems.number(name, text) ?? settings.adminPort
  },
  DRACHTIO_ADMIN_TLS_PORT: (settings, text, problems, name) => {
    settings.adminTlsPort = problems.number(name, text) ?? 0
  },
  DRACHTIO_ADMIN_ADDRESS: (settings, text) => (settings.adminAddress = text),
  DRACHTIO_SECRET: (settings, text) => (settings.secret = text),
  DRACHTIO_LOGLEVEL: (settings, text, problems, name) => {
    settings.logLevel = problems.logLevel(name, text) ?? settings.logLevel
  },
  DRACHTIO_TLS_KEY_FILE: (settings, text) => (settings.keyFile = text),
  DRACHTIO_TLS_CERT_FILE: (settings, text) => (settings.certFile = text),
  DRACHTIO_TLS_CHAIN_FILE: (settings, text) => (settings.chainFile = text),
  // A name of earlier versions of this engine.
  DRACHTIO_TLS_CIPHERLIST: (settings, text) => (settings.tlsCipherList = text),
  DRACHTIO_TLS_CIPHER_LIST: (settings, text) => (settings.tlsCipherList = text),
  DRACHTIO_TLS_VERIFY_CLIENT_CERT: (settings, text, problems, name) => {
    // At drachtio-server this sets sofia-sip's TPTAG_TLS_VERIFY_PEER, which is for both directions.
    if (problems.flag(name, text)) settings.tlsVerifies = { clients: true, servers: true }
  },
  DRACHTIO_MIN_TLS_VERSION: (settings, text, problems, name) => {
    settings.minTlsVersion = problems.tlsVersion(name, text) ?? settings.minTlsVersion
  },
  DRACHTIO_PROMETHEUS_SCRAPE_PORT: (settings, text, problems, name) => {
    settings.prometheus = parseScrapePort(name, text, problems)
  },
  DRACHTIO_HTTP_HANDLER_URI: (settings, url) => {
    settings.requestHandlers = [{ sipMethod: '*', httpMethod: 'GET', verifyPeer: true, url }]
  },
  DRACHTIO_TCP_KEEPALIVE_INTERVAL: (settings, text, problems, name) => {
    settings.tcpKeepAliveSeconds = problems.number(name, text, 0, 86_400) ?? settings.tcpKeepAliveSeconds
  },
  DRACHTIO_ALWAYS_SEND_180: (settings, text, problems, name) => {
    settings.alwaysSend180 = problems.flag(name, text) ?? false
  },
  DRACHTIO_REJECT_REGISTER_WITH_NO_REALM: (settings, text, problems, name) => {
    settings.rejectRegisterWithNoRealm = problems.flag(name, text) ?? false
  },
  DRACHTIO_USER_AGENT_OPTIONS_AUTO_RESPOND: (settings, text) => (settings.userAgentOptionsAutoRespond = text),
  DRACHTIO_LOCAL_DOMAIN: (settings, text) => {
    settings.localDomains = text
      .split(',')
      .map((domain) => domain.trim())
      .filter(Boolean)
  },
  DRACHTIO_HOMER_ADDRESS: (settings, text) => (settings.homer.host = text.replace(/^\[|\]$/g, '')),
  DRACHTIO_HOMER_PORT: (settings, text, problems, name) => {
    settings.homer.port = problems.number(name, text, 1) ?? settings.homer.port
  },
  DRACHTIO_HOMER_ID: (settings, text, problems, name) => {
    settings.homer.captureId = problems.number(name, text, 0, 0xffff_ffff) ?? settings.homer.captureId
  },
  DRACHTIO_UDP_MTU: (settings, text, problems, name) => {
    settings.udpMtu = problems.mtu(name, text) ?? settings.udpMtu
  },
  DRACHTIO_TPORT_QUEUESIZE: inert('511 connections may wait to be taken'),
  DRACHTIO_TPORT_MAX_CONSECUTIVE_TIMEOUTS: inert('a connection is kept until it breaks or is idle for ten minutes'),
  DRACHTIO_TLS_DH_PARAM_FILE: inert('Diffie-Hellman is that of elliptic curves'),
  DRACHTIO_AGRESSIVE_NAT_DETECTION: inert('NAT is detected by addresses'),
  DRACHTIO_SOFIA_LOGLEVEL: inert('the log level speaks for SIP as well'),
  DRACHTIO_CONSOLE_LOGGING: (settings, text, problems, name) => {
    settings.log.onConsole = problems.flag(name, text) ?? settings.log.onConsole
  },
  DRACHTIO_MEMORY_DEBUG: inert('there is no such thing'),
  DRACHTIO_BLACKLIST_REDIS_ADDRESS: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_SENTINELS: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_MASTER: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_PASSWORD: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_PORT: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_KEY: noBlacklist,
  DRACHTIO_BLACKLIST_REDIS_REFRESH_SECS: noBlacklist,
}

/** Variables that are read by other files, or are Baton's own settings. */
const readElsewhere = new Set([
  'DRACHTIO_CONFIG_FILE_PATH',
  'DRACHTIO_PRESERVE_HEADER_NAMES',
  'DRACHTIO_HOST',
  'DRACHTIO_PORT',
  'DRACHTIO_LISTEN',
])

/** Applies the variables that are not empty; a notice names each unknown `DRACHTIO_` variable. */
export function applyEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: EngineSettings,
  problems: OptionProblems,
): void {
  for (const [name, set] of Object.entries(variables)) {
    const text = env[name]
    if (text !== undefined && text !== '') set(settings, text, problems, name)
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith('DRACHTIO_') || Object.hasOwn(variables, name) || readElsewhere.has(name)) continue
    problems.notices.push(`${name} has no effect here: neither drachtio-server nor this engine knows it`)
  }
}
