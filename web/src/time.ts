const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A moment in the reader's own zone and form. */
export function moment(iso: string): string {
  return short.format(new Date(iso))
}

/** From one moment to another, such as "0.170 s". */
export function secondsBetween(from: string, to: string): string {
  return `${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(3)} s`
}
