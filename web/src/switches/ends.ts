/** The choices for the end of a switch. */
export const endChoices = ['next_opening', '30', '60', '240', 'day', 'time', 'never'] as const
export type EndChoice = (typeof endChoices)[number]

/** The end as the API takes it: ISO 8601, `next_opening`, or undefined for none. */
export function endOf(choice: EndChoice, time: string, now: Date): string | undefined {
  if (choice === 'never') return undefined
  if (choice === 'next_opening') return choice
  if (choice === 'time') return time === '' ? undefined : new Date(time).toISOString()
  if (choice === 'day') {
    const midnight = new Date(now)
    midnight.setHours(24, 0, 0, 0)

    return midnight.toISOString()
  }

  return new Date(now.getTime() + Number(choice) * 60_000).toISOString()
}
