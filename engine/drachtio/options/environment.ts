import type { EngineSettings } from './settings.ts'
import { parseScrapePort, type Problems } from './values.ts'

type Variable = (settings: EngineSettings, text: string, problems: Problems, name: string) => void

/** The variables of drachtio-server, under its names. */
const variables: Readonly<Record<string, Variable>> = {
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
  DRACHTIO_TLS_CIPHERLIST: (settings, text) => (settings.tlsCipherList = text),
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
    settings.tcpKeepAlive = problems.number(name, text, 0, 86_400) ?? settings.tcpKeepAlive
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
}

/** What the environment says; an empty variable says nothing. */
export function applyEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: EngineSettings,
  problems: Problems,
): void {
  for (const [name, set] of Object.entries(variables)) {
    const text = env[name]
    if (text !== undefined && text !== '') set(settings, text, problems, name)
  }
}
