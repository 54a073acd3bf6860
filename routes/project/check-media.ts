/** Mistakes in the media fields of a handoff: what contradicts its method, its mode or its digits. */
import type { PointerBuilder, Problem } from '../schema/errors.ts'
import { isAudioName } from '../schema/handoff-media.ts'
import type { KnownVariables } from '../table/template.ts'
import { templateMistakes } from './check-values.ts'
import { item, mapping, text } from './unchecked.ts'

/** The fields that a destination meets when it answers, which a BYE cannot have. */
const ofCalledDestination = ['announce', 'accept', 'require_accept', 'introduce', 'send_digits'] as const

export function mediaMistakes(handoff: unknown, at: PointerBuilder, known: KnownVariables): Problem[] {
  const announce = text(item(handoff, 'announce'))

  return [
    ...byeMistakes(handoff, at),
    ...requestMediaMistakes(handoff, at),
    ...introductionMistakes(handoff, at),
    ...(announce === undefined || isAudioName(announce) ? [] : templateMistakes(at('announce'), announce, known)),
  ]
}

/** Mistakes of the media fields of a transfer request, whose method and mode are those of its handoff. */
export function requestMediaMistakes(fields: unknown, at: PointerBuilder): Problem[] {
  return [...digitMistakes(fields, at), ...musicMistakes(fields, at)]
}

function byeMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  if (item(handoff, 'method') !== 'bye') return []
  const problem = 'method bye calls no person: the call is given back'
  const hint = 'take it out, or choose method invite'
  const isSet = (field: string): boolean => {
    const value = item(handoff, field)

    return value !== undefined && value !== false && value !== 0
  }
  const fields = ofCalledDestination.filter(isSet).map((field): Problem => ({ pointer: at(field), problem, hint }))
  if (item(handoff, 'mode') !== 'warm') return fields

  return [...fields, { pointer: at('mode'), problem, hint: 'use mode: blind, or choose method invite' }]
}

const digit = /^[0-9*#A-D]$/

function digitMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const digits = item(item(handoff, 'accept'), 'digits')
  if (digits === undefined) return []
  const entries = Object.entries(mapping(digits))
  const unknown = entries.flatMap(([key]): Problem[] => {
    const problem = `"${key}" is no digit of a telephone`

    return digit.test(key) ? [] : [{ pointer: at('accept', 'digits', key), problem, hint: 'use 0-9, *, # or A-D' }]
  })
  if (entries.some(([, meaning]) => meaning === 'accept')) return unknown
  const hint = 'write { "1": accept, "2": decline }'

  return [...unknown, { pointer: at('accept', 'digits'), problem: 'no digit accepts the caller', hint }]
}

function introductionMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const introduce = item(handoff, 'introduce')
  if (typeof introduce !== 'number' || introduce === 0 || item(handoff, 'mode') === 'warm') return []
  const problem = 'the agent leaves as soon as a caller is moved blind'

  return [{ pointer: at('introduce'), problem, hint: 'set mode: warm, or take it out' }]
}

function musicMistakes(handoff: unknown, at: PointerBuilder): Problem[] {
  const music = text(item(handoff, 'hold_music'))
  if (music === undefined || music === 'silence' || music === 'agent' || isAudioName(music)) return []
  const problem = `${JSON.stringify(music)} is no name of an audio file`

  return [{ pointer: at('hold_music'), problem, hint: 'name a .wav file of the project, or write silence or agent' }]
}
