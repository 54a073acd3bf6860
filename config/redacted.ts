import { defined } from '../base/defined.ts'
import type { Settings } from './settings.ts'

const hidden = '***'

/** The same settings with every secret hidden, for logs and the API. */
export function redacted(settings: Settings): Settings {
  const { drachtio, drachtioListen, redisUrl, secretsKey, twilioVoice, http, media, trunks, webhook, hep, speech } =
    settings
  const resolverSecrets = settings.resolverSecrets.map(({ name }) => ({ name, secret: hidden }))

  return {
    ...settings,
    resolverSecrets,
    ...defined({
      drachtio: drachtio && { ...drachtio, secret: hidden },
      drachtioListen: drachtioListen && { ...drachtioListen, secret: hidden },
      redisUrl: redisUrl === undefined ? undefined : withoutSecrets(redisUrl),
      secretsKey: secretsKey && hidden,
      twilioVoice: twilioVoice && { ...twilioVoice, authToken: hidden },
      hep: hep && { ...hep, ...defined({ password: hep.password && hidden }) },
      speech: speech && {
        ...speech,
        url: new URL(speech.url).origin,
        ...defined({ key: speech.key && hidden }),
      },
      webhook: webhook && { url: new URL(webhook.url).origin, secret: hidden },
    }),
    http: {
      ...http,
      ...defined({ adminToken: http.adminToken && hidden }),
      tokens: http.tokens.map(({ name }) => ({ name, token: hidden })),
      ...defined({ oidc: http.oidc && { ...http.oidc, clientSecret: hidden } }),
    },
    media: media.kind === 'freeswitch' ? { ...media, secret: hidden } : media,
    trunks: trunks.map(({ credentials, authenticate, ...trunk }) => ({
      ...trunk,
      ...defined({
        credentials: credentials && { ...credentials, password: hidden },
        authenticate: authenticate && {
          ...authenticate,
          users: authenticate.users.map((user) => ({ ...user, password: hidden })),
        },
      }),
    })),
  }
}

/** Parameters whose values are names of files or users. */
const shownParameters = new Set(['ca', 'cert', 'key', 'sentinel_username'])
/** Parameters that are shown without their values; the names of others are hidden, too. */
const secretParameters = new Set(['sentinel_password', 'password'])

/**
 * A Redis URL without its secrets. URL does not parse it: Sentinels and Clusters have several hosts, and a password may have
 * delimiters. A part whose meaning is not certain is hidden.
 */
function withoutSecrets(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]*:\/\/)?(.*)$/is.exec(url) ?? []
  const at = rest.lastIndexOf('@')
  const question = rest.indexOf('?')
  if (question !== -1 && at > question) return `${scheme}${hidden}`
  const user = /^([^:@/]*):[^@]/.exec(rest.slice(0, at + 1))?.[1]
  const login = at === -1 ? '' : `${user === undefined ? '' : `${user}:`}${hidden}@`
  const [place = '', query] = rest.slice(at + 1).split(/\?(.*)/s, 2)

  return `${scheme}${login}${place}${query === undefined ? '' : `?${withoutValues(query)}`}`
}

function withoutValues(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1)
      if (shownParameters.has(name)) return parameter

      return secretParameters.has(name) ? `${name}=${hidden}` : hidden
    })
    .join('&')
}
