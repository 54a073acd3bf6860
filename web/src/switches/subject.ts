import { texts } from '../texts'

/** The subject of a switch: a handoff, or a schedule and with it all handoffs that keep to it. */
export interface Subject {
  handoff?: string
  schedule?: string
}

export function subjectName({ handoff, schedule = '' }: Subject): string {
  return handoff ?? texts.switches.schedule(schedule)
}
