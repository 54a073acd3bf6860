import type { Settings } from './settings.ts'

const HIDDEN = '***'

/** The same settings with every secret hidden, for logs and the API. */
export function redacted(settings: Settings): Settings {
  const { drachtio, redisUrl, http, media, trunks } = settings

  return {
    ...settings,
    ...(drachtio && { drachtio: { ...drachtio, secret: HIDDEN } }),
    ...(redisUrl !== undefined && { redisUrl: withoutPassword(redisUrl) }),
    http: { ...http, ...(http.adminToken !== undefined && { adminToken: HIDDEN }) },
    media: media.kind === 'freeswitch' ? { ...media, secret: HIDDEN } : media,
    trunks: trunks.map(({ credentials, ...trunk }) => ({
      ...trunk,
      ...(credentials && { credentials: { ...credentials, password: HIDDEN } }),
    })),
  }
}

function withoutPassword(text: string): string {
  const url = new URL(text)
  if (url.password) url.password = HIDDEN
  for (const name of url.searchParams.keys()) if (/pass|secret|token/i.test(name)) url.searchParams.set(name, HIDDEN)

  return url.href
}
