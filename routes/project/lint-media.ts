/** Findings about media fields of a handoff that the configured MEDIA cannot serve. */
import type { SipSetup } from '../plan/handoff-problems.ts'
import { pointerTo, type PointerBuilder } from '../schema/errors.ts'
import { isAudioName, type Recording } from '../schema/handoff-media.ts'
import type { HandoffRecord, ProjectFile } from '../schema/project-file.ts'
import type { LintFinding } from './lint-trunks.ts'

const hint = 'set MEDIA=rtpengine and RTPENGINE, or take it out'

export function* lintMedia(handoff: HandoffRecord, at: PointerBuilder, setup: SipSetup): Generator<LintFinding> {
  const { media } = setup
  const { introduce = 0 } = handoff
  if (introduce > 0 && media !== undefined && media !== 'freeswitch') {
    const problem = `MEDIA is ${media}, which mixes no audio: the agent stays, and is not heard by both`
    yield { severity: 'info', code: 'no_mixer', pointer: at('introduce'), problem, hint: 'take it out, or leave it so' }
  }
  if (media === 'rtpengine') yield* lintAnchored(handoff, at, setup)
  if (media === 'direct') yield* lintDirect(handoff, at)
}

/** The field by which a handoff asks the person for a digit. */
function digitField({ accept, require_accept: isRequired }: HandoffRecord): 'accept' | 'require_accept' | undefined {
  if (accept !== undefined) return 'accept'

  return isRequired === true ? 'require_accept' : undefined
}

/** What an rtpengine does only with another setting. */
function* lintAnchored(
  handoff: HandoffRecord,
  at: PointerBuilder,
  { speaks, hearsDigits }: SipSetup,
): Generator<LintFinding> {
  const { announce } = handoff
  if (announce !== undefined && !isAudioName(announce) && speaks === false) {
    const problem = 'SPEECH_URL is not set: the text is not spoken, and the person hears nothing'
    const set = 'set SPEECH_URL, or name an audio file'
    yield { severity: 'warning', code: 'needs_speech', pointer: at('announce'), problem, hint: set }
  }
  yield* lintRecorded(handoff.recording, at, 'person')
  const field = digitField(handoff)
  if (field !== undefined && hearsDigits === false) {
    const problem = 'RTPENGINE_DIGITS is not set: only digits that come by SIP INFO are heard'
    const set = 'set RTPENGINE_DIGITS, and rtpengine’s --dtmf-log-dest to the same address'
    yield { severity: 'warning', code: 'needs_digits', pointer: at(field), problem, hint: set }
  }
}

/** Values of `recording` by which nothing is recorded of the talk with this party. */
function* lintRecorded(
  recording: Recording | undefined,
  at: PointerBuilder,
  party: 'person' | 'call',
): Generator<LintFinding> {
  if (recording === 'caller') {
    const problem = 'rtpengine records both sides or none: nothing is recorded'
    const name = 'name both, stop_at_handoff or from_handoff'
    yield { severity: 'warning', code: 'not_recorded', pointer: at('recording'), problem, hint: name }
  } else if (recording === 'stop_at_handoff' && party === 'person') {
    const problem = 'the talk with the person is not recorded; that with the agent is where the project says so'
    const name = 'set the recording of the project, too, or name off'
    yield { severity: 'info', code: 'not_recorded', pointer: at('recording'), problem, hint: name }
  }
}

/** Findings about what a project records. */
export function* lintProjectMedia(
  { recording = 'off', recording_notice: notice, table }: ProjectFile,
  { media, speaks }: SipSetup,
): Generator<LintFinding> {
  if (media === 'direct' && recording !== 'off') {
    const problem = 'MEDIA is direct: Baton records nothing'
    yield { severity: 'warning', code: 'needs_media', pointer: pointerTo('recording'), problem, hint }
  }
  if (media === 'rtpengine') yield* lintRecorded(recording, pointerTo, 'call')
  if (notice === undefined) return
  const pointer = pointerTo('recording_notice')
  const otherwise = 'nothing is recorded, since callers cannot be told'
  if (!isAudioName(notice) && media === 'rtpengine' && speaks === false) {
    const problem = `SPEECH_URL is not set: ${otherwise}`
    yield { severity: 'warning', code: 'needs_speech', pointer, problem, hint: 'set SPEECH_URL, or name an audio file' }
  }
  if (isAudioName(notice) && !Object.hasOwn(table.audio ?? {}, notice)) {
    const upload = 'upload it: Audio files on the page Handoffs, or PUT /v1/projects/{project}/audio/{name}'
    yield {
      severity: 'warning',
      code: 'no_audio',
      pointer,
      problem: `there is no audio file ${notice}: ${otherwise}`,
      hint: upload,
    }
  }
}

function* lintDirect(handoff: HandoffRecord, at: PointerBuilder): Generator<LintFinding> {
  const { announce, recording = 'off' } = handoff
  const warn = (field: string, problem: string): LintFinding => {
    return { severity: 'warning', code: 'needs_media', pointer: at(field), problem, hint }
  }
  if (isAudioName(handoff.hold_music ?? '')) {
    yield warn('hold_music', 'MEDIA is direct: Baton plays nothing, and the caller stays with its agent')
  }
  if (announce !== undefined) yield warn('announce', 'MEDIA is direct: Baton plays nothing to the person who answers')
  const field = digitField(handoff)
  if (field !== undefined) {
    yield warn(field, 'MEDIA is direct: Baton hears only digits that come by SIP INFO, and no telephone-events')
  }
  if (recording !== 'off') yield warn('recording', 'MEDIA is direct: Baton records nothing')
}

/** Audio files that handoffs name and the table does not have, and those that no handoff plays. */
export function* lintAudio({ table, recording_notice: notice = '' }: ProjectFile): Generator<LintFinding> {
  const { audio = {}, handoffs } = table
  const played = new Set<string>([notice])
  for (const [i, handoff] of handoffs.entries()) {
    for (const field of ['hold_music', 'announce'] as const) {
      const name = handoff[field] ?? ''
      if (!isAudioName(name)) continue
      played.add(name)
      if (Object.hasOwn(audio, name)) continue
      const problem = `there is no audio file ${name}: nothing is played`
      const upload = 'upload it: Audio files on the page Handoffs, or PUT /v1/projects/{project}/audio/{name}'
      yield {
        severity: 'warning',
        code: 'no_audio',
        pointer: pointerTo('table', 'handoffs', i, field),
        problem,
        hint: upload,
      }
    }
  }
  for (const name of Object.keys(audio)) {
    if (played.has(name)) continue
    const pointer = pointerTo('table', 'audio', name)
    yield {
      severity: 'info',
      code: 'unused',
      pointer,
      problem: `no handoff plays ${name}`,
      hint: 'name it, or delete it',
    }
  }
}
