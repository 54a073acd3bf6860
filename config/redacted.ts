import type { Settings } from './settings.ts'

const HIDDEN = '***'

/** The same settings with every secret hidden, for logs and the API. */
export function redacted(settings: Settings): Settings {
  const { drachtio, drachtioListen, redisUrl, http, media, trunks, webhook, hep } = settings

  return {
    ...settings,
    ...(drachtio && { drachtio: { ...drachtio, secret: HIDDEN } }),
    ...(drachtioListen && { drachtioListen: { ...drachtioListen, secret: HIDDEN } }),
    ...(redisUrl !== undefined && { redisUrl: withoutSecrets(redisUrl) }),
    http: {
      ...http,
      ...(http.adminToken !== undefined && { adminToken: HIDDEN }),
      tokens: http.tokens.map(({ name }) => ({ name, token: HIDDEN })),
    },
    ...(hep && { hep: { ...hep, ...(hep.password !== undefined && { password: HIDDEN }) } }),
    ...(webhook && { webhook: { url: new URL(webhook.url).origin, secret: HIDDEN } }),
    media: media.kind === 'freeswitch' ? { ...media, secret: HIDDEN } : media,
    trunks: trunks.map(({ credentials, authenticate, ...trunk }) => ({
      ...trunk,
      ...(credentials && { credentials: { ...credentials, password: HIDDEN } }),
      ...(authenticate && {
        authenticate: { ...authenticate, users: authenticate.users.map((user) => ({ ...user, password: HIDDEN })) },
      }),
    })),
  }
}

/** Parameters whose values are names of files or users; of others there is the name alone, if it is known. */
const shownParameters = new Set(['ca', 'cert', 'key', 'sentinel_username'])
const secretParameters = new Set(['sentinel_password', 'password'])

/**
 * A Redis URL without its secrets. Several hosts, as Sentinels and Clusters have, are no URL to WHATWG; a password may hold
 * what ends it elsewhere. Where it is not certain what a part is, the part is hidden.
 */
function withoutSecrets(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]*:\/\/)?(.*)$/is.exec(url) ?? []
  const at = rest.lastIndexOf('@')
  const question = rest.indexOf('?')
  if (question !== -1 && at > question) return `${scheme}${HIDDEN}`
  const user = /^([^:@/]*):[^@]/.exec(rest.slice(0, at + 1))?.[1]
  const login = at === -1 ? '' : `${user === undefined ? '' : `${user}:`}${HIDDEN}@`
  const [place = '', query] = rest.slice(at + 1).split(/\?(.*)/s, 2)

  return `${scheme}${login}${place}${query === undefined ? '' : `?${withoutValues(query)}`}`
}

function withoutValues(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1)
      if (shownParameters.has(name)) return parameter

      return secretParameters.has(name) ? `${name}=${HIDDEN}` : HIDDEN
    })
    .join('&')
}
