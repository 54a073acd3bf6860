import { Refusal } from '../../base/refusal.ts'
import { copyText, isoTime, type Clock, type Timer } from '../../engine/index.ts'
import type { HandoffMedia, PinnedTable, Recording } from '../../routes/index.ts'
import type { Guard } from '../guard.ts'
import type { EvidenceNote } from '../legs/glare.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { RecordingView } from '../legs/views.ts'
import type { MediaAnchors } from '../media/index.ts'
import type { MediaResult } from '../media/media-port.ts'
import type { RecordedFile } from '../media/leg-recording.ts'
import type { CallRecorder } from '../transfer/attempt.ts'
import { callAudio, PlayedAnnouncement } from '../transfer/played-media.ts'
import { isRefused, type Admission } from './admission.ts'
import type { KeptRecording } from './kept-call.ts'

export type RecordingAction = 'start' | 'pause' | 'resume' | 'stop'

interface RecordedCall {
  readonly id: string
  readonly guard: Guard
  readonly admission: Admission
}

interface CallRecordingParts {
  readonly clock: Clock
  /** Undefined where MEDIA names no media server. */
  readonly media: MediaAnchors | undefined
  /** The recording is not what it was. */
  readonly changed: () => void
}

const noEvidence: EvidenceNote = () => undefined

/** What of a call is recorded: as its project and handoffs say, until the API says otherwise; after the notice to the caller. */
export class CallRecording implements CallRecorder {
  readonly #call: RecordedCall
  readonly #parts: CallRecordingParts
  /** What the project records where a handoff names nothing else. */
  readonly #project: Recording
  /** Played to the caller before the first recording; undefined where none is set. */
  readonly #notice: PlayedAnnouncement | undefined
  /** The API's last word, which holds for the rest of the call. */
  #asked: KeptRecording['asked']
  #isNoticed = false
  #state: RecordingView['state'] = 'off'
  #problem: string | undefined
  #files: RecordingView['files'] = []
  /** The party that the caller talks with, and where its steps are noted. */
  #leg: PartyLeg | undefined
  #note = noEvidence
  /** While the notice is played. */
  #timer: Timer | undefined

  constructor(call: RecordedCall, parts: CallRecordingParts) {
    this.#call = call
    this.#parts = parts
    const pinned = tableOf(call)
    this.#project = pinned?.settings.recording ?? 'off'
    const notice = pinned?.settings.recordingNotice
    this.#notice = notice && new PlayedAnnouncement(notice, callAudio(pinned.table, parts.media))
  }

  wants(terms?: HandoffMedia): boolean {
    if (this.#asked !== undefined) return this.#asked !== 'stop'
    const recording = terms?.recording ?? this.#project

    return recording === 'both' || recording === (terms ? 'from_handoff' : 'stop_at_handoff')
  }

  /** The caller and the first party that has answered hear each other. */
  answeredBy(party: PartyLeg, handoff: string): void {
    const pinned = tableOf(this.#call)
    if (pinned) this.talksWith(party, party.role === 'agent' ? undefined : pinned.handoff(handoff)?.media)
  }

  talksWith(leg: PartyLeg, terms?: HandoffMedia, note: EvidenceNote = noEvidence): void {
    this.#endNotice()
    this.#follow(leg, note)
    if (!this.wants(terms)) this.#enter('off')
    else if (this.#asked === 'pause') this.#enter('paused')
    else this.#start(leg)
  }

  /** @throws Refusal when that cannot be done now; resolves when the media server has answered */
  async act(action: RecordingAction): Promise<RecordingView> {
    const leg = this.#leg
    if (!leg?.up) throw refused('call-not-connected', 'The caller is with no party', 'wait for call.answered')
    if (action === 'start' || action === 'resume') await this.#startAsAsked(leg, action)
    else await this.#stopAsAsked(leg, action)

    return this.view() ?? { state: this.#state, files: [] }
  }

  /** Undefined for a call of which nothing was to be recorded. */
  view(): RecordingView | undefined {
    if (this.#state === 'off' && this.#files.length === 0) return undefined
    const problem = this.#problem

    return { state: this.#state, files: this.#files, ...(problem !== undefined && { problem }) }
  }

  keep(): KeptRecording | undefined {
    const view = this.view()
    if (!view && this.#asked === undefined) return undefined

    return { asked: this.#asked, isNoticed: this.#isNoticed, view: view ?? { state: 'off', files: [] } }
  }

  /** Goes on with the recording of the process before. @param leg the party that the caller talks with */
  takeUp({ asked, isNoticed, view: { state, files } }: KeptRecording, leg: PartyLeg | undefined): void {
    this.#asked = asked
    this.#isNoticed = isNoticed
    this.#files = files
    // The next session of the leg goes on with the recording, and says so.
    this.#state = state
    if (leg) this.#follow(leg, noEvidence)
    if (state === 'notice') this.#fail('Baton was restarted while the notice was played')
  }

  /** The call is over. Idempotent. */
  close(): void {
    this.#endNotice()
    if (this.#state !== 'failed') this.#state = 'off'
  }

  get #isRunning(): boolean {
    return this.#state === 'recording' || this.#state === 'notice'
  }

  async #startAsAsked(leg: PartyLeg, action: 'start' | 'resume'): Promise<void> {
    if (action === 'resume' && this.#state !== 'paused' && !this.#isRunning) {
      throw refused('not-recording', 'The recording is not paused', `it is ${this.#state}; start it`)
    }
    if (!leg.media?.session) throw notAnchored(leg)
    this.#asked = 'start'
    if (!this.#isRunning) await this.#start(leg)
  }

  async #stopAsAsked(leg: PartyLeg, action: 'pause' | 'stop'): Promise<void> {
    if (!this.#isRunning && this.#state !== 'paused') {
      throw refused('not-recording', 'The call is not recorded', `the recording is ${this.#state}`)
    }
    await this.#stop(leg, action === 'pause' ? 'paused' : 'off')
    this.#asked = action
  }

  #follow(leg: PartyLeg, note: EvidenceNote): void {
    this.#leg = leg
    this.#note = note
    if (!leg.media) return
    leg.media.recording.onFile = (result) => {
      if (leg === this.#leg) this.#begun(leg, result)
    }
  }

  #start(leg: PartyLeg): unknown {
    const { guard } = this.#call
    const notice = this.#notice
    if (!leg.media?.session) {
      this.#fail(leg.media ? 'its media goes through no media server' : 'MEDIA is direct')

      return undefined
    }
    if (notice && !this.#isNoticed) {
      this.#enter('notice')
      guard.run(() => this.#playNotice(leg, notice))

      return undefined
    }
    // The party has the caller: nothing waits for the media server.
    const started = leg.media.recording.start(`call ${this.#call.id}`)
    guard.run(() => started)

    return started
  }

  /** A caller that was not told is not recorded. */
  async #playNotice(leg: PartyLeg, notice: PlayedAnnouncement): Promise<void> {
    const { clock } = this.#parts
    const { guard } = this.#call
    const played = await notice.play(leg, 'caller')
    if (this.#state !== 'notice' || leg !== this.#leg) return
    if (played.problem !== undefined) {
      this.#fail(`the notice cannot be played: ${played.problem}`)

      return
    }
    this.#note('baton', `plays the notice of the recording, ${notice.name}, to the caller: ${played.value / 1000} s`)
    this.#timer = clock.after(played.value, () => {
      this.#isNoticed = true
      guard.run(() => leg.media?.stop('caller'))
      this.#start(leg)
    })
  }

  #endNotice(): void {
    if (this.#state !== 'notice') return
    this.#timer?.cancel()
    const { media } = this.#leg ?? {}
    this.#call.guard.run(() => media?.stop('caller'))
  }

  async #stop(leg: PartyLeg, state: 'paused' | 'off'): Promise<void> {
    const isRecording = this.#state === 'recording'
    this.#endNotice()
    const stopped = isRecording ? await leg.media?.recording.stop() : undefined
    if (stopped?.problem !== undefined) throw mediaServerFailed(stopped.problem)
    this.#note(
      'baton',
      state === 'paused' ? 'the recording is paused by the API' : 'the recording is stopped by the API',
    )
    this.#enter(state)
  }

  #begun(leg: PartyLeg, { problem, ...begun }: MediaResult<RecordedFile>): void {
    if (problem !== undefined || !('value' in begun)) {
      this.#fail(problem ?? '')

      return
    }
    const { server, name } = begun.value
    const at = isoTime(this.#parts.clock.now())
    this.#files = [...this.#files, { at, party: leg.role === 'agent' ? 'agent' : 'destination', server, name }]
    this.#note('baton', `recorded by rtpengine ${server}: ${name}`)
    this.#enter('recording')
  }

  #fail(problem: string): void {
    this.#note('baton', `not recorded: ${problem}`)
    this.#enter('failed', copyText(problem))
  }

  #enter(state: RecordingView['state'], problem?: string): void {
    const isSame = state === this.#state && state === 'off'
    this.#state = state
    this.#problem = problem
    if (!isSame) this.#parts.changed()
  }
}

/** Undefined for a call that is refused, and for one of an agent's own, which is not recorded. */
function tableOf({ admission }: RecordedCall): PinnedTable | undefined {
  return isRefused(admission) || admission.consultation ? undefined : admission.pinned
}

function refused(slug: string, title: string, detail: string): Refusal {
  return new Refusal({ status: 409, slug, title, detail })
}

function notAnchored({ role, media }: PartyLeg): Refusal {
  const detail = media
    ? `the media of the ${role} goes through no media server: set \`recording\` in the project or the handoff, so that it does`
    : 'MEDIA is direct, and Baton records nothing: set MEDIA=rtpengine and RTPENGINE'

  return refused('not-anchored', 'This call cannot be recorded', detail)
}

function mediaServerFailed(detail: string): Refusal {
  return new Refusal({ status: 502, slug: 'media-server-failed', title: 'The media server has not done it', detail })
}
