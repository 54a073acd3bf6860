/** Findings about media fields of a handoff that the configured MEDIA cannot serve. */
import type { SipSetup } from '../plan/handoff-problems.ts'
import { pointerTo, type PointerBuilder } from '../schema/errors.ts'
import { isAudioName } from '../schema/handoff-media.ts'
import type { HandoffRecord, ProjectFile } from '../schema/project-file.ts'
import type { LintFinding } from './lint-trunks.ts'

const hint = 'set MEDIA=rtpengine and RTPENGINE, or take it out'

export function* lintMedia(handoff: HandoffRecord, at: PointerBuilder, { media }: SipSetup): Generator<LintFinding> {
  const { announce, accept, require_accept: isRequired, introduce = 0, recording = 'off' } = handoff
  const warn = (field: string, problem: string): LintFinding => {
    return { severity: 'warning', code: 'needs_media', pointer: at(field), problem, hint }
  }
  if (introduce > 0 && media !== undefined && media !== 'freeswitch') {
    const problem = `MEDIA is ${media}, which mixes no audio: the agent stays, and is not heard by both`
    yield { severity: 'info', code: 'no_mixer', pointer: at('introduce'), problem, hint: 'take it out, or leave it so' }
  }
  if (media !== 'direct') return
  if (isAudioName(handoff.hold_music ?? '')) {
    yield warn('hold_music', 'MEDIA is direct: Baton plays nothing, and the caller stays with its agent')
  }
  if (announce !== undefined) yield warn('announce', 'MEDIA is direct: Baton plays nothing to the person who answers')
  if (accept !== undefined || isRequired === true) {
    const field = accept === undefined ? 'require_accept' : 'accept'
    yield warn(field, 'MEDIA is direct: Baton hears only digits that come by SIP INFO, and no telephone-events')
  }
  if (recording !== 'off') yield warn('recording', 'MEDIA is direct: Baton records nothing')
}

/** Audio files that handoffs name and the table does not have, and those that no handoff plays. */
export function* lintAudio({ table }: ProjectFile): Generator<LintFinding> {
  const { audio = {}, handoffs } = table
  const played = new Set<string>()
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
