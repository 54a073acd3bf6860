import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { Choices } from '../base/choice.ts'
import { probeOf } from '../base/probe.ts'
import { defined } from '../base/defined.ts'
import {
  readApiToken,
  readClaimRole,
  readCidr,
  readListenAddress,
  readHep,
  readServerAddress,
  readListener,
} from './readers.ts'
import type { FileSettings, TrunkSettings } from './schema.ts'
import type { LogFormat, MediaSettings, Settings, SipTls, Trunk } from './settings.ts'

/** Makes the settings that the code uses from checked settings of the file. */
export function build(file: FileSettings, logFormat: LogFormat): Settings {
  return {
    sip: {
      listen: file.sip_listen.flatMap((text) => readListener(text) ?? []),
      ...defined({ externalIp: file.sip_external_ip }),
      userAgent: file.sip_user_agent,
      timers: { t1: file.sip_t1, t2: file.sip_t2, t4: file.sip_t4 },
      ...buildTls(file),
      minSession: file.sip_min_se,
      udpMaximum: file.sip_udp_maximum,
      answerTo: file.sip_answer_to,
      missingToTag: file.sip_missing_to_tag,
      dialogSources: file.sip_dialog_sources,
      sips: file.sip_sips,
      maxConnections: file.sip_max_connections,
      nat: file.sip_nat,
      reusesConnections: file.sip_reuse_connections === 'on',
      limits: {
        messageSize: file.sip_max_message,
        headerCount: file.sip_max_headers,
        headerLength: file.sip_max_header_length,
        viaCount: file.sip_max_vias,
      },
    },
    ...defined({
      drachtio:
        file.drachtio_host === undefined
          ? undefined
          : { host: file.drachtio_host, port: file.drachtio_port, secret: file.drachtio_secret },
      drachtioListen:
        file.drachtio_listen === undefined
          ? undefined
          : {
              ...read(readListenAddress, file.drachtio_listen),
              secret: file.drachtio_secret,
            },
      redisUrl: file.redis_url,
      secretsKey: file.secrets_key,
      twilioVoice: buildTwilioVoice(file),
    }),
    nodeName: file.node_name ?? hostname(),
    dataDir: resolve(file.data_dir),
    http: {
      ...read(readListenAddress, file.http_listen),
      ...defined({ adminToken: file.admin_token }),
      tokens: file.api_tokens.map((text) => read(readApiToken, text)),
      signIn: file.sign_in,
      sessionLifetime: file.session_lifetime,
      sessionIdle: file.session_idle,
      proxies: file.http_proxies.map((text) => read(readCidr, text)),
      ...defined({ publicUrl: file.public_url, peerUrl: file.peer_url }),
      ...(file.oidc_issuer !== undefined && {
        oidc: {
          issuer: file.oidc_issuer,
          clientId: file.oidc_client_id ?? '',
          clientSecret: file.oidc_client_secret ?? '',
          scopes: file.oidc_scopes,
          roleClaim: file.oidc_role_claim,
          roles: file.oidc_roles.map((text) => read(readClaimRole, text)),
          ...defined({ defaultRole: file.oidc_default_role }),
        },
      }),
    },
    metrics: read(readListenAddress, file.metrics_listen),
    httpLimits: {
      rate: file.http_rate,
      connections: file.http_max_connections,
      connectionsBySource: file.http_max_by_source,
    },
    ...defined({
      speech: buildSpeech(file),
      webhook:
        file.webhook_url === undefined ? undefined : { url: file.webhook_url, secret: file.webhook_secret ?? '' },
      hep:
        file.hep === undefined
          ? undefined
          : {
              ...read(readHep, file.hep),
              captureId: file.hep_capture_id,
              ...defined({ password: file.hep_password }),
            },
    }),
    resolverSecrets: file.resolver_secrets.map((text) => {
      const { name, token: secret } = read(readApiToken, text)

      return { name, secret }
    }),
    media: buildMedia(file),
    log: { level: file.log_level, format: file.log_format ?? logFormat },
    trunks: file.trunks.map(buildTrunk),
    projects: file.projects.map((path) => resolve(path)),
    standIns: file.stand_ins === 'on',
    agentTimeout: file.agent_timeout,
    probeInterval: file.probe_interval,
    maxCallDuration: file.max_call_duration,
    recovery: file.recovery === 'on',
    drain: file.drain,
    drainDeadline: file.drain_deadline,
    overload: {
      calls: file.max_calls,
      rate: file.overload_rate,
      lag: file.overload_lag,
      emergencyNumbers: file.emergency_numbers,
    },
    unknownSources: {
      limit: file.unknown_source_limit,
      block: file.unknown_source_block,
      requestRate: file.unknown_source_rate,
      connections: file.unknown_source_connections,
      idle: file.unknown_source_idle,
      scanners: file.scanner_user_agents,
    },
    recentCalls: file.recent_calls,
    ...(file.history_days > 0 && {
      history: { days: file.history_days, bytes: file.history_size * 1_048_576 },
    }),
    contextTtl: file.context_ttl,
    ladders: { total: file.ladder_memory * 1_048_576, perCall: file.ladder_call_memory * 1024 },
  }
}

function buildTls(file: FileSettings): { tls?: SipTls } {
  const { sip_tls_certificates: certificates, sip_tls_keys: keys, sip_tls_authorities: authorities } = file
  // One file may hold both. The rules refuse a list that is shorter than the other.
  const keysOf = keys.length > 0 ? keys : certificates
  const [first, ...others] = Array.from({ length: Math.max(certificates.length, keys.length) }, (_, i) => ({
    certificate: absolute(certificates[i]),
    key: absolute(keysOf[i]),
  }))
  if (!first) return {}

  return {
    tls: {
      certificates: [first, ...others],
      ...defined({ authorities: authorities && resolve(authorities) }),
      clients: file.sip_tls_clients,
      servers: file.sip_tls_servers,
    },
  }
}

function absolute(path: string | undefined): string {
  return path === undefined ? '' : resolve(path)
}

function buildTwilioVoice({
  twilio_auth_token: authToken,
  twilio_sip_uri: sipUri = '',
  twilio_disaster_number: disasterNumber,
}: FileSettings): Settings['twilioVoice'] {
  return authToken === undefined ? undefined : { authToken, sipUri, ...defined({ disasterNumber }) }
}

function buildSpeech(file: FileSettings): Settings['speech'] {
  if (file.speech_url === undefined) return undefined

  return {
    ...{ url: file.speech_url, model: file.speech_model, voice: file.speech_voice },
    ...{ format: file.speech_format, timeout: file.speech_timeout },
    ...defined({ key: file.speech_key }),
  }
}

function buildMedia(file: FileSettings): MediaSettings {
  switch (file.media) {
    case 'direct':
      return { kind: 'direct' }
    case 'rtpengine':
      return {
        kind: 'rtpengine',
        servers: file.rtpengine.map((text) => read(readServerAddress, text)),
        timeoutMs: file.rtpengine_timeout,
        fallback: file.media_fallback,
        ...defined({
          digits: file.rtpengine_digits === undefined ? undefined : read(readListenAddress, file.rtpengine_digits),
        }),
      }
    case 'freeswitch': {
      const server = file.freeswitch === undefined ? { host: '', port: 0 } : read(readServerAddress, file.freeswitch)

      return { kind: 'freeswitch', ...server, secret: file.freeswitch_secret }
    }
  }
}

function buildTrunk(trunk: TrunkSettings): Trunk {
  const { count, bytes_each, bytes_total } = trunk.header_limits
  const choices = new Choices(trunk.gateways)

  return {
    name: trunk.name,
    peers: trunk.peers.map((text) => read(readCidr, text)),
    gateways: choices.uris.slice(),
    ...defined({ choices: trunk.gateways.every((gateway) => typeof gateway === 'string') ? undefined : choices }),
    ...defined({
      credentials: trunk.credentials,
      authenticate: trunk.authenticate,
      defaultCountry: trunk.default_country,
      nat: trunk.nat,
    }),
    numberFormat: trunk.number_format,
    refer: trunk.refer,
    referMemory: trunk.refer_memory,
    holdBeforeRefer: trunk.hold_before_refer,
    byeAfterRefer: trunk.bye_after_refer,
    referTo: trunk.refer_to,
    requestRate: trunk.request_rate,
    connections: trunk.connections,
    trust: trunk.trust,
    earlyMedia: trunk.early_media,
    redirects: trunk.redirects,
    srtpMemory: trunk.srtp_memory,
    sessionExpires: trunk.session_expires,
    keepalive: trunk.keepalive,
    progressTimeout: trunk.progress_timeout,
    probe: probeOf(trunk.probe),
    ...defined({ limit: trunk.limit }),
    ...(trunk.caps.length > 0 && {
      caps: trunk.caps
        .map(({ prefix, calls_per_day: callsPerDay }) => ({ prefix, callsPerDay }))
        .sort((a, b) => b.prefix.length - a.prefix.length),
    }),
    ...(trunk.allow_premium.length > 0 && { allowPremium: trunk.allow_premium }),
    headerLimits: { count, bytesEach: bytes_each, bytesTotal: bytes_total },
  }
}

/** Reads a text that the schema has accepted with the same reader. */
function read<T>(reader: (text: string) => T | undefined, text: string): T {
  const value = reader(text)
  if (value === undefined) throw new TypeError(`unchecked setting: ${text}`)

  return value
}
