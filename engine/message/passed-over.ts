/** Why a header line is passed over. The words are a metric's label. */
export type PassedOverReason = keyof typeof problems

/** A malformed header line of a received message that nothing needs, so that it is ignored (RFC 3261 8.2.2, 16.3). */
export interface PassedOver {
  readonly reason: PassedOverReason
  readonly line: string
}

/** How many lines of one message are kept for the ladder. */
export const maxPassedOver = 16

const problems = {
  no_header_name: 'no header name',
  line_break: 'a CR or LF alone',
  too_long: 'too long',
  too_many: 'one of too many headers',
  content_length: 'not the length of the body',
  contact: 'malformed',
  max_forwards: 'malformed',
} as const

const shownCharacters = 80

/** A line that was passed over, and why, as the ladder and the evidence show it. */
export function passedOverText({ reason, line }: PassedOver): string {
  const shown = line.trimEnd().replace(/[\x00-\x1f\x7f]/g, ' ')

  return `${shown.length > shownCharacters ? `${shown.slice(0, shownCharacters)}...` : shown} (${problems[reason]})`
}
