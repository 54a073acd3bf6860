import type { Finding } from './finding.ts'

const secondsOfADay = 86_400
/** Less than that is a warning. */
const warningDays = 14

/** Whether the certificates in use are good for a while. @param expiries in seconds since 1970, by file */
export function checkCertificates(expiries: ReadonlyMap<string, number>, now: number): Finding[] {
  return Array.from(expiries, ([file, expiry]): Finding => {
    const days = Math.floor((expiry - now / 1000) / secondsOfADay)
    const check = 'certificate'
    const hint = 'Renew it and send SIGHUP: Baton reads it again without ending calls.'
    const date = new Date(expiry * 1000).toISOString().slice(0, 10)
    if (days < 0) return { check, state: 'failed', detail: `${file} expired on ${date}`, hint }
    const detail = `${file} expires in ${days} days, on ${date}`

    return days < warningDays ? { check, state: 'warning', detail, hint } : { check, state: 'ok', detail }
  })
}
