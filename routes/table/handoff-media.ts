/** The media terms of a handoff, with its defaults filled in: who hears what, and who must accept the caller. */
import {
  isAudioName,
  mediaDefaults,
  type DigitMeaning,
  type HandoffMode,
  type MediaFields,
  type Recording,
} from '../schema/handoff-media.ts'
import type { Method } from '../schema/project-file.ts'
import { parseTemplate, Template, type VariableLookup } from './template.ts'

/** What is played to the person who answers, alone. */
export type Announcement = { readonly file: string } | { readonly text: string }

/** How the person who answers accepts the caller or declines it. */
interface AcceptTerms {
  readonly digits: Readonly<Record<string, DigitMeaning>>
  /** Seconds. */
  readonly timeout: number
  /** Whether a caller whom no digit accepts is not put through. */
  readonly isRequired: boolean
}

/** The media terms of a step. Times are seconds. */
export interface HandoffMedia {
  readonly mode: HandoffMode
  readonly holdMusic: string
  readonly announce: Announcement | undefined
  /** Undefined: answering accepts the caller. */
  readonly accept: AcceptTerms | undefined
  readonly introduce: number
  readonly sendDigits: string
  /** Undefined: as the project says. */
  readonly recording: Recording | undefined
}

/** The media terms of a handoff that names none. */
export const plainMedia: HandoffMedia = {
  mode: mediaDefaults.mode,
  holdMusic: mediaDefaults.hold_music,
  announce: undefined,
  accept: undefined,
  introduce: mediaDefaults.introduce,
  sendDigits: '',
  recording: undefined,
}

/** Compiles the media fields of a checked handoff; `plainMedia` itself where it has none. */
export function compileMedia(fields: MediaFields): HandoffMedia {
  return withMedia(plainMedia, fields)
}

/** The terms with these fields in the place of theirs; the same object where there are none. */
export function withMedia(terms: HandoffMedia, fields: MediaFields): HandoffMedia {
  const { accept, announce, require_accept: required } = fields
  const replaced: HandoffMedia = {
    mode: fields.mode ?? terms.mode,
    holdMusic: fields.hold_music ?? terms.holdMusic,
    announce: announce === undefined ? terms.announce : announcementOf(announce),
    accept:
      accept === undefined && required === undefined
        ? terms.accept
        : acceptTerms(accept ?? terms.accept, required ?? terms.accept?.isRequired ?? false, accept !== undefined),
    introduce: fields.introduce ?? terms.introduce,
    sendDigits: fields.send_digits ?? terms.sendDigits,
    recording: fields.recording ?? terms.recording,
  }
  const isSame = (Object.keys(replaced) as (keyof HandoffMedia)[]).every((name) => replaced[name] === terms[name])

  return isSame ? terms : replaced
}

/** Without `accept`, `require_accept: true` alone asks for a digit. */
function acceptTerms(
  { digits, timeout }: { digits?: AcceptTerms['digits']; timeout?: number } = {},
  isRequired: boolean,
  isNamed: boolean,
): AcceptTerms | undefined {
  if (!isNamed && !isRequired && digits === undefined) return undefined

  return {
    digits: digits ?? mediaDefaults.accept.digits,
    timeout: timeout ?? mediaDefaults.accept.timeout,
    isRequired,
  }
}

export function announcementOf(value: string): Announcement | undefined {
  if (value === '') return undefined

  return isAudioName(value) ? { file: value } : { text: value }
}

/** The terms with the variables of the announced text filled in. */
export function renderMedia(terms: HandoffMedia, lookup: VariableLookup): HandoffMedia {
  const { announce } = terms
  if (!announce || !('text' in announce) || !announce.text.includes('$')) return terms
  const parsed = parseTemplate(announce.text)
  if (!(parsed instanceof Template)) return terms

  return { ...terms, announce: { text: parsed.render(lookup, () => undefined).trim() } }
}

/** Whether the destination is asked, or told anything, before it gets the caller. */
export function isScreened({ announce, accept }: HandoffMedia): boolean {
  return announce !== undefined || accept !== undefined
}

/**
 * The method of a handoff under these terms. Baton itself calls a destination that is told or asked anything, or that an
 * agent introduces a caller to: after a REFER it could neither play nor hear.
 */
export function methodWith(terms: HandoffMedia, method: Method): Method {
  const isBridged = terms.mode === 'warm' || isScreened(terms) || terms.sendDigits !== ''

  return method === 'refer' && isBridged ? 'invite' : method
}
