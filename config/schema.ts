import { probeDefaults } from '../base/probe.ts'
import { Type, type Static, type TEnum, type TSchemaOptions } from 'typebox'
import { choiceFields, LimitSchema } from '../base/choice-schema.ts'
import {
  readApiToken,
  readClaimRole,
  readIssuer,
  roleNames,
  readCidr,
  readCountry,
  readDialled,
  readListenAddress,
  readGateway,
  readHep,
  readHost,
  readServerAddress,
  readHttpUrl,
  readIp,
  readListener,
  readProduct,
  readRedisUrl,
  readSecret,
  readSecretsKey,
  readUserName,
} from './readers.ts'

/** Annotations of a schema for messages: what the value should be, with an example. */
interface Wanted extends TSchemaOptions {
  wanted: string
  /** Never shown in a message. */
  secret?: boolean
}

const text = (wanted: string, options?: Partial<Wanted>) => Type.String({ wanted, minLength: 1, ...options })
const readable = (read: (given: string) => unknown, wanted: string, options?: Partial<Wanted>) =>
  Type.Refine(text(wanted, options), (value) => read(value) !== undefined)
const whole = (what: string, minimum: number, maximum: number, value?: number) =>
  Type.Integer({ minimum, maximum, wanted: `${what}, ${minimum} to ${maximum}`, ...withDefault(value) })
const seconds = (minimum: number, maximum: number, value: number) =>
  Type.Number({ minimum, maximum, wanted: `seconds, ${minimum} to ${maximum}`, default: value })
const choice = <T extends string>(values: T[], value?: NoInfer<T>): TEnum<T[]> =>
  Type.Enum(values, { wanted: `one of ${values.join(', ')}`, ...withDefault(value) })
const truth = (value: boolean) => Type.Boolean({ wanted: 'true or false', default: value })
const list = <T extends Parameters<typeof Type.Array>[0]>(item: T, minItems: number, value?: Static<T>[]) =>
  Type.Array(item, { minItems, wanted: 'a list', ...withDefault(value) })
const withDefault = (value: unknown) => (value === undefined ? {} : { default: value })
const secret = (wanted: string, options?: Partial<Wanted>) => readable(readSecret, wanted, { secret: true, ...options })

/** User-Agents of well-known scanners. */
const scanners = ['friendly-scanner', 'sipvicious', 'sipcli']

const secondsPerDay = 86_400
const endpoint = (value: string) =>
  readable(readListenAddress, 'address:port, such as 127.0.0.1:8080 or [::1]:8080', { default: value })
const withPort = (address: string) => readServerAddress(address)

const gatewayUri = readable(
  readGateway,
  'sip:host:port, such as sip:192.0.2.10:5060 or sip:gw.example.com;transport=tcp',
)

const ProbeSchema = Type.Object(
  {
    interval: Type.Optional(Type.Number({ minimum: 0, maximum: secondsPerDay, wanted: 'seconds, 0 (off) to 86400' })),
    timeout: seconds(0.1, 60, probeDefaults.timeout),
    down_after: whole('failures', 1, 100, probeDefaults.down_after),
    up_after: whole('answers', 1, 100, probeDefaults.up_after),
    ok: Type.Optional(list(whole('a SIP status', 200, 699), 1)),
    back_off: seconds(0.1, 3600, probeDefaults.back_off),
  },
  { additionalProperties: false, default: {}, wanted: '{ interval, timeout, down_after, up_after, ok, back_off }' },
)

export const TrunkSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$',
      wanted: 'letters, digits, ".", - and _, such as carrier-1',
    }),
    peers: list(readable(readCidr, 'an address or a CIDR range, such as 192.0.2.0/24 or 2001:db8::/32'), 1),
    gateways: list(
      Type.Union([gatewayUri, Type.Object({ uri: gatewayUri, ...choiceFields }, { additionalProperties: false })], {
        wanted: 'sip:host:port, or { uri, priority, weight, limit }',
      }),
      0,
      [],
    ),
    credentials: Type.Optional(
      Type.Object(
        {
          username: text('the user name that the trunk expects'),
          password: text('the password that the trunk expects', { secret: true }),
          realm: Type.Optional(text('the realm that may be given these credentials')),
        },
        { additionalProperties: false, secret: true, wanted: '{ username, password, realm }' },
      ),
    ),
    authenticate: Type.Optional(
      Type.Object(
        {
          realm: readable(readProduct, 'a realm in printable ASCII, such as sip.example.com', { default: 'baton' }),
          users: list(
            Type.Object(
              {
                username: readable(readUserName, 'a user name without a colon'),
                password: text('the password of this user', { secret: true }),
              },
              { additionalProperties: false, secret: true, wanted: '{ username, password }' },
            ),
            1,
          ),
          algorithms: list(choice(['SHA-256', 'MD5']), 1, ['SHA-256', 'MD5']),
        },
        { additionalProperties: false, secret: true, wanted: '{ realm, users, algorithms }' },
      ),
    ),
    number_format: choice(['as_written', 'e164', 'without_plus', 'national', 'prefix_00'], 'as_written'),
    default_country: Type.Optional(readable(readCountry, 'an ISO 3166 country in two capital letters, such as US')),
    refer: truth(true),
    refer_memory: whole('seconds', 0, 30 * secondsPerDay, 3600),
    hold_before_refer: truth(false),
    bye_after_refer: choice(['unknown', 'success'], 'unknown'),
    refer_to: choice(['as_written', 'sip_phone'], 'as_written'),
    nat: Type.Optional(choice(['auto', 'off'])),
    request_rate: whole('requests a second', 0, 1_000_000, 0),
    connections: whole('connections', 0, 1_000_000, 0),
    trust: truth(true),
    early_media: choice(['hold', 'pass'], 'hold'),
    redirects: choice(['follow', 'refuse'], 'follow'),
    srtp_memory: whole('seconds', 0, 30 * secondsPerDay, 3600),
    session_expires: whole('seconds', 0, secondsPerDay, 0),
    keepalive: whole('seconds', 0, secondsPerDay, 900),
    progress_timeout: seconds(0, 60, 3),
    probe: ProbeSchema,
    limit: Type.Optional(LimitSchema),
    caps: list(
      Type.Object(
        {
          prefix: Type.Refine(text('the beginning of numbers, such as "+44"; "+" is of all'), (value) =>
            /^\+\d{0,15}$/.test(value),
          ),
          calls_per_day: whole('calls a day', 0, 1_000_000_000),
        },
        { additionalProperties: false, wanted: '{ prefix, calls_per_day }' },
      ),
      0,
      [],
    ),
    allow_premium: list(
      Type.Refine(text('the beginning of numbers, such as "+1900"'), (value) => /^\+\d{0,15}$/.test(value)),
      0,
      [],
    ),
    header_limits: Type.Object(
      {
        count: whole('headers', 1, 200, 50),
        bytes_each: whole('bytes', 16, 16_384, 2048),
        bytes_total: whole('bytes', 16, 65_536, 8192),
      },
      { additionalProperties: false, default: {}, wanted: '{ count, bytes_each, bytes_total }' },
    ),
  },
  { additionalProperties: false, wanted: 'a trunk: { name, peers, … }' },
)

/** The YAML file. Every key but `trunks` is an environment variable too, in upper case. */
export const FileSchema = Type.Object(
  {
    sip_listen: list(
      readable(
        readListener,
        'transport:address:port with udp, tcp, tls, ws or wss, such as udp:127.0.0.1:5060 or tls:[::1]:5061, and =host:port where others see it',
      ),
      1,
      ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'],
    ),
    sip_external_ip: Type.Optional(readable(readIp, 'an IP address, such as 203.0.113.7')),
    sip_user_agent: readable(readProduct, 'printable ASCII, at most 100 characters', { default: 'Baton' }),
    sip_tls_certificates: list(text('a PEM file with a certificate and its chain'), 0, []),
    sip_tls_keys: list(text('a PEM file with the private key of the certificate at the same place'), 0, []),
    sip_tls_authorities: Type.Optional(text('a PEM file with the certificates of authorities')),
    sip_tls_clients: choice(['none', 'required'], 'none'),
    sip_tls_servers: choice(['verified', 'unverified'], 'verified'),
    sip_t1: whole('milliseconds', 10, 10_000, 500),
    sip_t2: whole('milliseconds', 10, 60_000, 4000),
    sip_t4: whole('milliseconds', 10, 60_000, 5000),
    sip_min_se: whole('seconds', 2, secondsPerDay, 90),
    sip_udp_maximum: whole('bytes', 500, 65_535, 1300),
    sip_answer_to: choice(['source', 'auto', 'via'], 'auto'),
    sip_missing_to_tag: choice(['accepted', 'refused'], 'accepted'),
    sip_dialog_sources: choice(['peer', 'any'], 'peer'),
    sip_sips: choice(['secure', 'any'], 'secure'),
    sip_max_connections: whole('connections', 1, 1_000_000, 10_000),
    sip_nat: choice(['auto', 'off'], 'auto'),
    sip_reuse_connections: choice(['on', 'off'], 'on'),
    sip_max_message: whole('bytes', 2000, 1_048_576, 65_535),
    sip_max_headers: whole('header fields', 20, 10_000, 256),
    sip_max_header_length: whole('bytes', 200, 65_535, 8192),
    sip_max_vias: whole('Via header fields', 1, 1000, 70),
    drachtio_host: Type.Optional(readable(readHost, 'a host name or an IP address')),
    drachtio_port: whole('a port', 1, 65_535, 9022),
    drachtio_secret: secret("the drachtio server's shared secret", { default: 'admin' }),
    drachtio_listen: Type.Optional(readable(readListenAddress, 'address:port, such as 127.0.0.1:9023 or [::1]:9023')),
    redis_url: Type.Optional(
      readable(
        readRedisUrl,
        'redis://[user:password@]host[:port][/database], redis+sentinel://host,host/master, redis+cluster://host,host, or rediss for TLS; in user and password, write / @ ? % percent-encoded',
        { secret: true },
      ),
    ),
    secrets_key: Type.Optional(
      readable(readSecretsKey, '32 bytes in base64, such as openssl rand -base64 32 prints', { secret: true }),
    ),
    twilio_auth_token: Type.Optional(secret('the auth token of the Twilio account')),
    twilio_sip_uri: Type.Optional(gatewayUri),
    twilio_disaster_number: Type.Optional(text('a number with its country, such as +14155550111')),
    node_name: Type.Optional(readable(readProduct, 'printable ASCII, at most 100 characters, such as baton-1')),
    data_dir: text('a folder, such as ./data', { default: './data' }),
    http_listen: endpoint('127.0.0.1:8080'),
    admin_token: Type.Optional(secret('a long random text of printable characters without spaces')),
    api_tokens: list(readable(readApiToken, 'name:token, such as ci:a-long-random-text', { secret: true }), 0, []),
    sign_in: choice(['auto', 'required'], 'auto'),
    session_lifetime: whole('seconds', 60, 30 * secondsPerDay, 43_200),
    session_idle: whole('seconds', 0, 30 * secondsPerDay, 7200),
    http_proxies: list(readable(readCidr, 'an address or a CIDR range, such as 10.0.0.5 or 10.0.0.0/24'), 0, []),
    public_url: Type.Optional(readable(readHttpUrl, 'an http or https URL, such as https://baton.example.com')),
    peer_url: Type.Optional(readable(readHttpUrl, 'an http or https URL, such as http://10.0.0.5:8080')),
    oidc_issuer: Type.Optional(
      readable(readIssuer, 'an https URL, such as https://login.example.com (http on loopback alone)'),
    ),
    oidc_client_id: Type.Optional(text('the name that the provider knows Baton by')),
    oidc_client_secret: Type.Optional(secret('a secret of printable characters without spaces')),
    oidc_scopes: text('scopes with spaces between', { default: 'openid profile email' }),
    oidc_role_claim: text('the name of a claim', { default: 'groups' }),
    oidc_roles: list(
      readable(readClaimRole, 'value:role or value:role@project, such as baton-admins:admin or desk:operator@hotel'),
      0,
      [],
    ),
    oidc_default_role: Type.Optional(choice([...roleNames])),
    http_rate: whole('requests a second', 1, 1_000_000, 1000),
    http_max_connections: whole('connections', 1, 100_000, 512),
    http_max_by_source: whole('connections', 1, 100_000, 128),
    metrics_listen: endpoint('127.0.0.1:9464'),
    media: choice(['direct', 'rtpengine', 'freeswitch'], 'direct'),
    rtpengine: list(readable(withPort, 'host:port, such as 127.0.0.1:2223'), 0, []),
    rtpengine_timeout: whole('milliseconds', 50, 1000, 300),
    rtpengine_digits: Type.Optional(readable(readListenAddress, 'address:port, such as 127.0.0.1:2225')),
    media_fallback: choice(['direct', 'refuse'], 'direct'),
    speech_url: Type.Optional(
      readable(
        readHttpUrl,
        'an http or https URL without user and password, such as http://127.0.0.1:8000/v1/audio/speech',
        { secret: true },
      ),
    ),
    speech_key: Type.Optional(secret('the key that the speech endpoint expects')),
    speech_model: text('the name of a model', { default: 'tts-1' }),
    speech_voice: text('the name of a voice', { default: 'alloy' }),
    speech_format: choice(['mp3', 'wav'], 'mp3'),
    speech_timeout: whole('seconds', 1, 30, 5),
    freeswitch: Type.Optional(readable(withPort, 'host:port, such as 127.0.0.1:8021')),
    freeswitch_secret: secret("the password of FreeSWITCH's event socket", { default: 'ClueCon' }),
    webhook_url: Type.Optional(
      readable(readHttpUrl, 'an http or https URL without user and password, such as https://example.com/baton', {
        secret: true,
      }),
    ),
    webhook_secret: Type.Optional(secret('a long random text, or whsec_ and its base64')),
    resolver_secrets: list(
      readable(readApiToken, 'name:secret, such as crm:a-long-random-text', { secret: true }),
      0,
      [],
    ),
    hep: Type.Optional(readable(readHep, 'udp:host:port or tcp:host:port, such as udp:192.0.2.30:9060')),
    hep_capture_id: whole('a number', 0, 4_294_967_295, 2001),
    hep_password: Type.Optional(secret('printable characters without spaces')),
    log_level: choice(['error', 'warn', 'info', 'debug'], 'info'),
    log_format: Type.Optional(choice(['json', 'pretty'])),
    projects: list(text('a project file, such as config/projects/demo.yaml'), 0, []),
    stand_ins: choice(['on', 'off'], 'off'),
    agent_timeout: whole('seconds', 1, 180, 20),
    probe_interval: whole('seconds', 0, secondsPerDay, 30),
    max_call_duration: whole('seconds', 0, 30 * secondsPerDay, secondsPerDay),
    recovery: choice(['on', 'off'], 'on'),
    drain: choice(['finish', 'handover'], 'finish'),
    drain_deadline: whole('seconds', 0, secondsPerDay, 25),
    max_calls: whole('calls', 0, 1_000_000, 0),
    overload_rate: whole('new calls a second', 0, 100_000, 0),
    // Well below T1 (RFC 3261 17.1.1.1): peers repeat a request that waits longer, and repetitions become most of the load.
    overload_lag: whole('milliseconds', 0, 60_000, 200),
    emergency_numbers: list(readable(readDialled, 'digits in quotes, such as "112"'), 0, ['112', '911', '999', '000']),
    unknown_source_limit: whole('INVITEs a minute', 0, 100_000, 20),
    unknown_source_rate: whole('requests a second', 0, 100_000, 50),
    unknown_source_connections: whole('connections', 0, 100_000, 20),
    unknown_source_idle: whole('seconds', 0, secondsPerDay, 30),
    unknown_source_block: whole('seconds', 0, secondsPerDay, 300),
    scanner_user_agents: list(text('a part of a User-Agent, such as friendly-scanner'), 0, scanners),
    recent_calls: whole('calls', 0, 100_000, 1000),
    history_days: whole('days', 0, 3650, 30),
    history_size: whole('megabytes', 1, 1_048_576, 1024),
    context_ttl: whole('seconds', 60, 30 * secondsPerDay, 3600),
    ladder_memory: whole('megabytes', 0, 65_536, 128),
    ladder_call_memory: whole('kilobytes', 0, 1_048_576, 512),
    trunks: list(TrunkSchema, 1, [{ name: 'local', peers: ['127.0.0.0/8', '::1'] } as Static<typeof TrunkSchema>]),
  },
  { additionalProperties: false, wanted: 'a mapping of settings' },
)

export type FileSettings = Static<typeof FileSchema>
export type SettingKey = keyof FileSettings
export type TrunkSettings = FileSettings['trunks'][number]

/** The keys that are environment variables too. */
export const environmentKeys = (Object.keys(FileSchema.properties) as SettingKey[]).filter((key) => key !== 'trunks')
