import { existsSync } from 'node:fs'
import { isLoopback } from '../base/address.ts'
import type { SettingMistake } from './problems.ts'
import type { SettingKey } from './schema.ts'
import type { Settings, Trunk } from './settings.ts'

/** The secret of a drachtio-server whose configuration has none. */
const defaultDrachtioSecret = 'admin'

/** A check of several settings together; it is skipped when one of them is wrong already. */
export interface SettingRule {
  needs: SettingKey[]
  check(settings: Settings): SettingMistake[]
}

function neededByOidc(key: SettingKey, hint: string): SettingMistake {
  return { path: [key], problem: 'is missing, and OIDC_ISSUER is set', hint: `give ${hint}` }
}

function asksToSignIn({ adminToken, tokens, signIn, oidc }: Settings['http']): boolean {
  return adminToken !== undefined || tokens.length > 0 || signIn === 'required' || oidc !== undefined
}

export const rules: SettingRule[] = [
  {
    needs: ['drachtio_listen', 'drachtio_secret'],
    check: ({ drachtioListen }) =>
      drachtioListen && !isLoopback(drachtioListen.address) && drachtioListen.secret === defaultDrachtioSecret
        ? [
            {
              path: ['drachtio_listen'],
              problem: `${drachtioListen.address} can be reached from outside, and DRACHTIO_SECRET is the default`,
              hint: 'set DRACHTIO_SECRET, or listen on 127.0.0.1',
            },
          ]
        : [],
  },
  {
    needs: ['http_listen', 'admin_token', 'api_tokens', 'sign_in', 'oidc_issuer'],
    check: ({ http }) =>
      isLoopback(http.address) || asksToSignIn(http)
        ? []
        : [
            {
              path: ['http_listen'],
              problem: `${http.address} can be reached from outside, and ADMIN_TOKEN is not set`,
              hint: 'set ADMIN_TOKEN, or SIGN_IN=required once there is an admin (npx baton users add), or listen on 127.0.0.1',
            },
          ],
  },
  {
    needs: ['oidc_issuer', 'oidc_client_id', 'oidc_client_secret', 'oidc_roles', 'oidc_default_role'],
    check: ({ http: { oidc } }) =>
      oidc
        ? [
            ...(oidc.clientId === ''
              ? [neededByOidc('oidc_client_id', 'the client that the provider has for Baton')]
              : []),
            ...(oidc.clientSecret === '' ? [neededByOidc('oidc_client_secret', 'the secret of that client')] : []),
            ...(oidc.roles.length === 0 && oidc.defaultRole === undefined
              ? [neededByOidc('oidc_roles', 'OIDC_ROLES=baton-admins:admin, or OIDC_DEFAULT_ROLE')]
              : []),
          ]
        : [],
  },
  {
    needs: ['api_tokens'],
    check: ({ http: { tokens } }) =>
      repeated(['admin', ...tokens.map(({ name }) => name)]).map((i) => ({
        path: ['api_tokens', i - 1],
        problem: `${tokens[i - 1]?.name ?? ''} is the name of another token (admin is that of ADMIN_TOKEN)`,
        hint: 'give each token its own name',
      })),
  },
  {
    needs: ['resolver_secrets'],
    check: ({ resolverSecrets }) =>
      repeated(resolverSecrets.map(({ name }) => name)).map((i) => ({
        path: ['resolver_secrets', i],
        problem: `${resolverSecrets[i]?.name ?? ''} is the name of another secret`,
        hint: 'give each secret its own name',
      })),
  },
  {
    needs: ['drachtio_host', 'drachtio_listen'],
    check: ({ drachtio, drachtioListen }) =>
      drachtio && drachtioListen
        ? [
            {
              path: ['drachtio_listen'],
              problem: 'is set, and so is DRACHTIO_HOST',
              hint: 'leave out DRACHTIO_HOST for servers that connect to Baton, or DRACHTIO_LISTEN for one that Baton connects to',
            },
          ]
        : [],
  },
  {
    needs: ['hep', 'drachtio_host', 'drachtio_listen'],
    check: ({ hep, drachtio, drachtioListen }) =>
      hep && (drachtio || drachtioListen)
        ? [
            {
              path: ['hep'],
              problem: 'is set, and a drachtio server handles SIP, which does not tell Baton of every message',
              hint: 'leave it out, and have the drachtio server send to Homer (--homer, --homer-id)',
            },
          ]
        : [],
  },
  {
    needs: ['http_listen', 'metrics_listen'],
    check: ({ http, metrics }) =>
      http.port !== 0 && http.port === metrics.port && http.address === metrics.address
        ? [{ path: ['metrics_listen'], problem: 'is the address of HTTP_LISTEN', hint: 'give another port' }]
        : [],
  },
  {
    needs: ['twilio_auth_token', 'twilio_sip_uri', 'twilio_disaster_number'],
    check: ({ twilioVoice }) => [
      ...(twilioVoice?.sipUri === ''
        ? [
            {
              path: ['twilio_sip_uri'],
              problem: 'is missing',
              hint: 'TWILIO_AUTH_TOKEN is set: say where Twilio reaches Baton, such as sip:sip.example.com',
            },
          ]
        : []),
      ...(/^\+[0-9]{3,15}$/.test(twilioVoice?.disasterNumber ?? '+000')
        ? []
        : [
            {
              path: ['twilio_disaster_number'],
              problem: 'is not a number with its country',
              hint: 'write it such as +14155550111',
            },
          ]),
    ],
  },
  {
    needs: ['webhook_url', 'webhook_secret'],
    check: ({ webhook }) =>
      webhook?.secret === ''
        ? [
            {
              path: ['webhook_secret'],
              problem: 'is missing',
              hint: 'WEBHOOK_URL is set: give the secret that its receiver checks signatures with',
            },
          ]
        : [],
  },
  {
    needs: ['sip_listen'],
    check: ({ sip }) =>
      repeated(
        sip.listen.map(({ transport, address, port }) => (port ? `${transport}:${address}:${port}` : undefined)),
      ).map((i) => ({
        path: ['sip_listen', i],
        problem: 'is listed twice',
        hint: 'leave one out',
      })),
  },
  {
    needs: ['sip_listen', 'sip_tls_certificates', 'drachtio_host', 'drachtio_listen'],
    check: ({ sip, drachtio, drachtioListen }) =>
      sip.tls || drachtio || drachtioListen
        ? []
        : sip.listen.flatMap(({ transport }, i) =>
            transport === 'tls' || transport === 'wss'
              ? [
                  {
                    path: ['sip_listen', i],
                    problem: `${transport} needs a certificate`,
                    hint: 'set SIP_TLS_CERTIFICATES and SIP_TLS_KEYS',
                  },
                ]
              : [],
          ),
  },
  {
    needs: ['sip_tls_certificates', 'sip_tls_keys', 'sip_tls_authorities'],
    check: ({ sip: { tls } }) =>
      tls
        ? [
            ...tls.certificates.flatMap(({ certificate, key }, i) => [
              ...unreadable(
                ['sip_tls_certificates', i],
                certificate,
                `key ${i + 1} of SIP_TLS_KEYS has no certificate`,
              ),
              ...unreadable(['sip_tls_keys', i], key, `certificate ${i + 1} of SIP_TLS_CERTIFICATES has no key`),
            ]),
            ...(tls.authorities === undefined ? [] : unreadable(['sip_tls_authorities'], tls.authorities)),
          ]
        : [],
  },
  {
    needs: ['sip_t1', 'sip_t2'],
    check: ({ sip: { timers } }) =>
      timers.t2 < timers.t1
        ? [
            {
              path: ['sip_t2'],
              problem: `${timers.t2} is less than SIP_T1 (${timers.t1})`,
              hint: 'give at least SIP_T1 (RFC 3261 17.1.2.2)',
            },
          ]
        : [],
  },
  {
    needs: ['media', 'rtpengine'],
    check: ({ media }) =>
      media.kind === 'rtpengine' && media.servers.length === 0
        ? [
            {
              path: ['rtpengine'],
              problem: 'is missing',
              hint: 'MEDIA is rtpengine: give host:port of the ng port of each one',
            },
          ]
        : [],
  },
  {
    needs: ['media', 'speech_url'],
    check: ({ media, speech }) =>
      speech && media.kind !== 'rtpengine'
        ? [
            {
              path: ['speech_url'],
              problem: `is set, and MEDIA is ${media.kind}, which plays nothing`,
              hint: 'set MEDIA=rtpengine and RTPENGINE, or take it out',
            },
          ]
        : [],
  },
  {
    needs: ['media', 'drachtio_host', 'drachtio_listen'],
    check: ({ media, drachtio, drachtioListen }) =>
      media.kind === 'freeswitch' && !drachtio && !drachtioListen
        ? [
            {
              path: ['media'],
              problem: 'freeswitch needs a drachtio server',
              hint: 'set DRACHTIO_HOST (`npx baton engine` starts one), or MEDIA=direct',
            },
          ]
        : [],
  },
  {
    needs: ['media', 'freeswitch'],
    check: ({ media }) =>
      media.kind === 'freeswitch' && !media.host
        ? [
            {
              path: ['freeswitch'],
              problem: 'is missing',
              hint: 'MEDIA is freeswitch: give host:port of its event socket',
            },
          ]
        : [],
  },
  {
    needs: ['projects'],
    check: ({ projects }) =>
      projects.flatMap((file, i) =>
        existsSync(file)
          ? []
          : [{ path: ['projects', i], problem: `there is no ${file}`, hint: 'name a project file' }],
      ),
  },
  {
    needs: ['trunks'],
    check: ({ trunks }) =>
      repeated(trunks.map(({ name }) => name)).map((i) => ({
        path: ['trunks', i, 'name'],
        problem: `${trunks[i]?.name ?? ''} is the name of an earlier trunk`,
        hint: 'give each trunk its own name',
      })),
  },
  {
    needs: ['trunks'],
    check: ({ trunks }) =>
      trunks.flatMap(({ caps = [] }, trunk) =>
        repeated(caps.map(({ prefix }) => prefix)).map((i) => ({
          path: ['trunks', trunk, 'caps', i, 'prefix'],
          problem: `${caps[i]?.prefix ?? ''} has an earlier cap`,
          hint: 'give each prefix one cap',
        })),
      ),
  },
  {
    needs: ['trunks'],
    check: ({ trunks }) => {
      const owned = trunks.flatMap(({ name, peers, authenticate }, trunk) =>
        peers.map((range, peer) => ({ name, range, trunk, peer, authenticates: authenticate !== undefined })),
      )

      return owned.flatMap(({ range, trunk, peer, authenticates }, i) => {
        // Trunks that authenticate differ by their users.
        const first = owned
          .slice(0, i)
          .find((other) => other.range === range && !(authenticates && other.authenticates && other.trunk !== trunk))

        return first
          ? [
              {
                path: ['trunks', trunk, 'peers', peer],
                problem: `${range} belongs to trunk ${first.name} already`,
                hint: 'give each range to one trunk, unless all that have it authenticate',
              },
            ]
          : []
      })
    },
  },
  {
    needs: ['trunks'],
    check: ({ trunks }) =>
      trunks.flatMap(({ authenticate }, trunk) =>
        (authenticate?.users ?? []).flatMap(({ username }, user) => {
          const first = trunks
            .slice(0, trunk)
            .find((other) => other.authenticate?.realm === authenticate?.realm && hasUser(other, username))

          return first
            ? [
                {
                  path: ['trunks', trunk, 'authenticate', 'users', user, 'username'],
                  problem: `is a user of trunk ${first.name} already, in the same realm`,
                  hint: 'give each trunk users of its own, or a realm of its own',
                },
              ]
            : []
        }),
      ),
  },
]

const hasUser = ({ authenticate }: Trunk, username: string): boolean =>
  authenticate?.users.some((user) => user.username === username) ?? false

/** @param missing the problem when `file` is '', which stands for none */
function unreadable(path: SettingMistake['path'], file: string, missing = ''): SettingMistake[] {
  if (file === '') return [{ path, problem: missing, hint: 'give as many keys as certificates, in the same order' }]

  return existsSync(file) ? [] : [{ path, problem: `there is no ${file}`, hint: 'name a readable PEM file' }]
}

/** Indices of values that are there before. */
function repeated(values: readonly (string | undefined)[]): number[] {
  return values.flatMap((value, i) => (value !== undefined && values.indexOf(value) < i ? [i] : []))
}
