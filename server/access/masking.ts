/**
 * Masks the numbers of callers for those who may not see them: every digit but the last two becomes `*`, wherever the number
 * stands in the JSON. Texts keep their length, so that the Content-Length of a message in a ladder stays true.
 */
import type { BatonEvent } from '../calls/events.ts'
import type { CallView, LadderView } from '../legs/views.ts'

/** A caller is known by so many last digits, whatever the number's format: national, E.164, with a trunk's prefix. */
const maxSuffixDigits = 7
/** Shorter user parts are extensions, which stand in other texts by chance. */
const minDigits = 4
/** A display name may have a number as people write it. */
const separator = '[ ().-]{0,2}'

/** Headers of the INVITE that say who calls. */
const callerHeaders = new Set(['p-asserted-identity', 'p-preferred-identity', 'remote-party-id', 'from', 'contact'])

/** A call with the caller's number masked in all its texts. */
export function maskedCall(call: CallView): CallView {
  return masked(call, numbersOf(call)) as CallView
}

/** The ladder of a call with the caller's number masked in all its messages. */
export function maskedLadder(ladder: LadderView, call: CallView): LadderView {
  return masked(ladder, numbersOf(call)) as LadderView
}

/** An event with its caller's number masked. */
export function maskedEvent(event: BatonEvent): BatonEvent {
  const { call } = event.data

  return call === undefined ? event : (masked(event, numbersOf(call)) as BatonEvent)
}

/** A pattern of the caller's numbers; undefined when the call has none. */
function numbersOf({ caller, identity = {}, called }: CallView): RegExp | undefined {
  const calledDigits = suffixOf(called)
  const texts = [
    caller.number,
    caller.name ?? '',
    userOf(caller.uri),
    ...Object.entries(identity).flatMap(([name, value]) =>
      callerHeaders.has(name.toLowerCase()) ? usersIn(value) : [],
    ),
  ]
  const suffixes = new Set(texts.flatMap((text) => suffixOf(text) ?? []).filter((suffix) => suffix !== calledDigits))
  if (suffixes.size === 0) return undefined

  const patterns = [...suffixes].map((suffix) => suffix.split('').join(separator))

  return new RegExp(`(?:\\d${separator}){0,8}(?:${patterns.join('|')})(?!\\d)`, 'g')
}

function suffixOf(text: string): string | undefined {
  const digits = /^\+?[\d().\s-]{4,30}$/.test(text) ? text.replace(/\D/g, '') : ''

  return digits.length < minDigits ? undefined : digits.slice(-maxSuffixDigits)
}

function userOf(uri: string): string {
  return usersIn(uri)[0] ?? ''
}

/** The user parts of the URIs in a header's value. */
function usersIn(value: string): string[] {
  return Array.from(value.matchAll(/\b(?:sips?|tel):([^@;>\s,?]{1,64})/gi), ([, user = '']) =>
    user.replace(/^%2b/i, '+'),
  )
}

function masked(value: unknown, numbers: RegExp | undefined): unknown {
  if (numbers === undefined) return value
  if (typeof value === 'string') return value.replace(numbers, hidden)
  if (Array.isArray(value)) return value.map((item) => masked(item, numbers))
  if (typeof value !== 'object' || value === null) return value

  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, numbers)]))
}

function hidden(number: string): string {
  return number.replace(/\d(?=.*\d.*\d)/g, '*')
}
