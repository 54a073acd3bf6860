import type { Settings } from './settings.ts'

const HIDDEN = '***'

/** The same settings with every secret hidden, for logs and the API. */
export function redacted(settings: Settings): Settings {
  const { drachtio, drachtioListen, redisUrl, http, media, trunks, webhook, hep } = settings

  return {
    ...settings,
    ...(drachtio && { drachtio: { ...drachtio, secret: HIDDEN } }),
    ...(drachtioListen && { drachtioListen: { ...drachtioListen, secret: HIDDEN } }),
    ...(redisUrl !== undefined && { redisUrl: withoutPassword(redisUrl) }),
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

function withoutPassword(text: string): string {
  // Several hosts, as Sentinels and Clusters have, are no URL to WHATWG.
  return text
    .replace(/^([a-z+]+:\/\/[^:@/]*:)[^@/]*@/i, `$1${HIDDEN}@`)
    .replace(/([?&][^=&?]*=)[^&]*/g, (parameter, name: string) =>
      /pass|secret|token/i.test(name) ? `${name}${HIDDEN}` : parameter,
    )
}
