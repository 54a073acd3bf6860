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
/** The country and area codes before the known digits, which are masked with them, have at most so many digits. */
const maxPrefixDigits = 8
/** Digits as they follow each other in a number, also as people write it in a display name. */
const digitRuns = /\d(?:[ ().-]{0,2}\d)*/g

/** Headers of the INVITE that say who calls. */
const callerHeaders = new Set(['p-asserted-identity', 'p-preferred-identity', 'remote-party-id', 'from', 'contact'])

/** A call with the caller's number masked in all its texts. */
export function maskedCall(call: CallView, consulted?: CallView): CallView {
  return masked(call, numbersOf(call, consulted)) as CallView
}

/**
 * The ladder of a call with the caller's number masked in all its messages.
 * @param consulted the call that this one is about: its messages may have the number of that caller
 */
export function maskedLadder(ladder: LadderView, call: CallView, consulted?: CallView): LadderView {
  return masked(ladder, numbersOf(call, consulted)) as LadderView
}

/** An event with its caller's number masked. */
export function maskedEvent(event: BatonEvent): BatonEvent {
  const { call } = event.data

  return call === undefined ? event : (masked(event, numbersOf(call)) as BatonEvent)
}

/** The last digits of the callers' numbers. */
function numbersOf(...calls: readonly (CallView | undefined)[]): string[] {
  return [...new Set(calls.flatMap((call) => (call ? suffixesOf(call) : [])))]
}

function suffixesOf({ caller, identity = {}, called }: CallView): string[] {
  const calledDigits = suffixOf(called)
  const texts = [
    caller.number,
    caller.name ?? '',
    userOf(caller.uri),
    ...Object.entries(identity).flatMap(([name, value]) =>
      callerHeaders.has(name.toLowerCase()) ? usersIn(value) : [],
    ),
  ]

  return texts.flatMap((text) => suffixOf(text) ?? []).filter((suffix) => suffix !== calledDigits)
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

function masked(value: unknown, numbers: readonly string[]): unknown {
  if (numbers.length === 0) return value
  if (typeof value === 'string') return value.replace(digitRuns, (run) => maskedRun(run, numbers))
  if (Array.isArray(value)) return value.map((item) => masked(item, numbers))
  if (typeof value !== 'object' || value === null) return value

  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner, numbers)]))
}

/** The digits of a number but its last two are hidden where one of the known suffixes stands. */
function maskedRun(run: string, suffixes: readonly string[]): string {
  const digits = run.replace(/\D/g, '')
  if (!suffixes.some((suffix) => digits.includes(suffix))) return run
  const places = Array.from(run.matchAll(/\d/g), ({ index }) => index)
  const characters = run.split('')
  for (const suffix of suffixes) {
    for (let at = digits.indexOf(suffix); at >= 0; at = digits.indexOf(suffix, at + 1)) {
      const end = at + suffix.length
      // A few digits stand inside other numbers by chance; seven are the caller's, also with another digit behind them.
      const isInside = suffix.length < maxSuffixDigits && places[end] === (places[end - 1] ?? 0) + 1
      if (isInside) continue
      for (const place of places.slice(Math.max(0, at - maxPrefixDigits), end - 2)) characters[place] = '*'
    }
  }

  return characters.join('')
}
