const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const ofToday = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const ofThisWeek = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric', minute: '2-digit' })
const dayMs = 24 * 60 * 60 * 1000

/** A moment in the reader's own zone and form. */
export function moment(iso: string): string {
  return long.format(new Date(iso))
}

/** A moment that is near: without the date today, and by its weekday within six days. */
export function soon(iso: string, now = new Date()): string {
  const at = new Date(iso)
  if (at.toDateString() === now.toDateString()) return ofToday.format(at)

  return Math.abs(at.getTime() - now.getTime()) < 6 * dayMs ? ofThisWeek.format(at) : long.format(at)
}

/** From one moment to another, such as "0.170 s". */
export function secondsBetween(from: string, to: string): string {
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(3)} s`
}

/** The time since a moment, such as "0:07" and "1:02:45". */
export function elapsed(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(iso)) / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const twoDigits = (part: number): string => String(part).padStart(2, '0')

  return `${hours > 0 ? `${hours}:${twoDigits(minutes)}` : minutes}:${twoDigits(seconds % 60)}`
}
