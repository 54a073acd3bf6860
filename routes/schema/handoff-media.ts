/** The fields of a handoff that say what its parties hear, and whether a person must accept the caller. */
import { Type, type Static, type TObject } from 'typebox'
import { closed, text } from './field-shapes.ts'

const modes = ['blind', 'warm'] as const
const digitMeanings = ['accept', 'decline'] as const
const recordings = ['off', 'caller', 'both', 'stop_at_handoff', 'from_handoff'] as const

/** The values for the media fields that a handoff leaves out. Times are seconds. */
export const mediaDefaults = {
  hold_music: 'agent',
  mode: 'blind',
  require_accept: false,
  introduce: 0,
  recording: 'off',
  accept: { digits: { '1': 'accept', '2': 'decline' }, timeout: 15 },
} as const

const AcceptSchema = closed(
  {
    digits: Type.Optional(
      Type.Record(Type.String(), Type.Enum(digitMeanings, { description: 'accept or decline' }), {
        description: 'digits and what each means, accept or decline, such as { "1": accept, "2": decline }',
      }),
    ),
    timeout: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 120,
        default: mediaDefaults.accept.timeout,
        description: 'seconds that the person has to press a digit once the announcement is over, 1 to 120',
      }),
    ),
  },
  'the person who answers accepts or declines the caller by a digit: { digits, timeout }',
)

/** The same fields in a handoff of a project file and in a transfer request, which replaces those of the handoff. */
export const mediaFields = {
  hold_music: Type.Optional(
    text(
      'what the caller hears from the beginning of the transfer until the person answers: an audio file of the project such as "music.wav", `silence`, or `agent` (it stays with the agent)',
      128,
    ),
  ),
  mode: Type.Optional(
    Type.Enum(modes, {
      default: mediaDefaults.mode,
      description:
        'blind (the caller is moved as soon as the destination answers) or warm (the agent can introduce the caller first); a warm transfer is always bridged by INVITE',
    }),
  ),
  announce: Type.Optional(
    text(
      'what the person who answers hears alone, before the caller: an audio file of the project such as "sales.wav", or a text to be spoken, such as "Call from $caller_name about $reason"',
      1000,
    ),
  ),
  accept: Type.Optional(AcceptSchema),
  require_accept: Type.Optional(
    Type.Boolean({
      default: mediaDefaults.require_accept,
      description:
        'true: a person must accept by a digit, so that no voicemail gets the caller; `true` or `false` (without a digit the caller is put through)',
    }),
  ),
  introduce: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 300,
      default: mediaDefaults.introduce,
      description: 'seconds that the agent stays when the caller is with the person, for mode warm, 0 to 300',
    }),
  ),
  send_digits: Type.Optional(
    Type.String({
      pattern: '^[w0-9*#A-D]{1,64}$',
      maxLength: 64,
      description:
        'digits that are pressed when the destination has answered, such as "w1234#" for an extension: 0-9, *, #, A-D, and w for a pause of half a second',
    }),
  ),
  recording: Type.Optional(
    Type.Enum(recordings, {
      description: `what of the caller's talk with the person is recorded, ${recordings.join(', ')}; as the project says otherwise`,
    }),
  ),
}

/** The fields of a project that say what of its calls is recorded, where a handoff names nothing else. */
export const recordingFields = {
  recording: Type.Optional(
    Type.Enum(recordings, {
      default: mediaDefaults.recording,
      description: `what of each call is recorded, ${recordings.join(', ')}: both from the agent's answer to the end, stop_at_handoff with the agent, from_handoff with the person`,
    }),
  ),
  recording_notice: Type.Optional(
    text(
      'what the caller hears before anything is recorded: an audio file of the project such as "notice.wav", or a text to be spoken',
      1000,
    ),
  ),
}

/** The media fields, as written. */
export type MediaFields = Static<TObject<typeof mediaFields>>
export type HandoffMode = (typeof modes)[number]
export type DigitMeaning = (typeof digitMeanings)[number]
export type Recording = (typeof recordings)[number]

/** Whether the value of `announce` or `hold_music` names an audio file; any other announcement is a text to be spoken. */
export function isAudioName(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\.wav$/.test(value)
}
