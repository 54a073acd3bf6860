import { texts } from '../texts'

/** What a switch is for: a handoff, or a schedule and with it all handoffs that have it. */
export interface Subject {
  handoff?: string
  schedule?: string
}

export function subjectName({ handoff, schedule = '' }: Subject): string {
  return handoff ?? texts.switches.schedule(schedule)
}
