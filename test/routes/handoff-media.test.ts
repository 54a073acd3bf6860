import assert from 'node:assert/strict'
import { checkProject, lintProject, plainMedia, plan, type MediaFields, type Table } from '../../routes/index.ts'
import { compileHandoff } from '../../routes/table/table.ts'
import { pinned, projectFile } from './fixtures.ts'

type Desk = Table['handoffs'][number]

const desk = (over: Partial<Desk>): Table => ({
  handoffs: [{ name: 'desk', default: true, method: 'invite', route: 'sip:desk@127.0.0.1:5092', ...over }],
})
const withAudio = (over: Partial<Desk>): Table => ({ ...desk(over), audio: { 'a.wav': `sha256:${'0'.repeat(64)}` } })
const stepOf = (over: Partial<Desk>, media?: MediaFields, reason = 'a refund') => {
  const [step] = plan(pinned(desk(over)), { handoff: 'desk', reason, media }, { callId: 'c', callerName: 'Ann' }).steps
  assert.ok(step)

  return step
}
const mistakes = (over: Record<string, unknown>) =>
  checkProject({ ...projectFile(), table: desk(over as Partial<Desk>) }).map(
    ({ pointer, problem }) => `${pointer.replace('/table/handoffs/0/', '')}: ${problem}`,
  )

describe('The media fields of a handoff', () => {
  it('cost a handoff without them nothing: all share the same terms', () => {
    assert.equal(compileHandoff({ name: 'desk' }).media, plainMedia)
    assert.equal(stepOf({}).media, plainMedia)
    assert.equal(stepOf({ mode: 'blind', hold_music: 'agent' }).media, plainMedia)
  })

  it('take 1 and 2, and 15 seconds, unless accept says otherwise', () => {
    assert.deepEqual(stepOf({ require_accept: true }).media.accept, {
      digits: { '1': 'accept', '2': 'decline' },
      timeout: 15,
      isRequired: true,
    })
    assert.deepEqual(stepOf({ accept: { digits: { '#': 'accept' }, timeout: 4 } }).media.accept, {
      digits: { '#': 'accept' },
      timeout: 4,
      isRequired: false,
    })
    assert.equal(stepOf({ mode: 'warm' }).media.accept, undefined)
  })

  it('announce a file, or a text with the values of the call', () => {
    assert.deepEqual(stepOf({ announce: 'sales.wav' }).media.announce, { file: 'sales.wav' })
    assert.deepEqual(stepOf({ announce: 'From $caller_name about ${reason}' }).media.announce, {
      text: 'From Ann about a refund',
    })
  })

  it('make Baton call the destination itself, since nothing is heard after a REFER', () => {
    for (const media of [
      { mode: 'warm' },
      { announce: 'a.wav' },
      { accept: {} },
      { require_accept: true },
      { send_digits: 'w1' },
    ] as const) {
      assert.equal(stepOf({ method: 'refer', ...media }).method, 'invite', JSON.stringify(media))
    }
    assert.equal(stepOf({ method: 'refer', recording: 'both', hold_music: 'silence' }).method, 'refer')
  })

  it('give way to those of a transfer request, whose text is said as it is', () => {
    const { media, method } = stepOf(
      { method: 'refer', require_accept: true, accept: { timeout: 4 } },
      { mode: 'warm', announce: 'It costs $5', require_accept: false },
    )
    assert.equal(method, 'invite')
    assert.deepEqual(media.announce, { text: 'It costs $5' })
    assert.equal(media.mode, 'warm')
    assert.deepEqual(media.accept, { digits: { '1': 'accept', '2': 'decline' }, timeout: 4, isRequired: false })
    assert.equal(stepOf({ announce: 'a.wav' }, { announce: '' }).media.announce, undefined)
  })
})

describe('A mistake in media fields', () => {
  it('is said at its field', () => {
    const ofBye = 'method bye calls no person: the call is given back'
    const bye = { method: 'bye', route: undefined }
    assert.deepEqual(mistakes({ ...bye, mode: 'warm', announce: 'a.wav', send_digits: 'w1' }), [
      `announce: ${ofBye}`,
      `mode: ${ofBye}`,
      `send_digits: ${ofBye}`,
    ])
    assert.deepEqual(mistakes({ ...bye, mode: 'blind', require_accept: false, introduce: 0 }), [])
    assert.deepEqual(mistakes({ accept: { digits: { '12': 'accept' } } }), [
      'accept/digits/12: "12" is no digit of a telephone',
    ])
    assert.deepEqual(mistakes({ accept: { digits: { '2': 'decline' } } }), [
      'accept/digits: no digit accepts the caller',
    ])
    assert.deepEqual(mistakes({ introduce: 5 }), ['introduce: the agent leaves as soon as a caller is moved blind'])
    assert.deepEqual(mistakes({ hold_music: 'loud' }), ['hold_music: "loud" is no name of an audio file'])
    assert.match(mistakes({ announce: 'From ${caller' })[0] ?? '', /^announce: /)
    assert.match(mistakes({ send_digits: '1234 please' })[0] ?? '', /^send_digits: /)
    assert.deepEqual(mistakes({ mode: 'warm', introduce: 5, hold_music: 'agent', announce: 'Call for $project' }), [])
  })

  it('is a finding where MEDIA cannot serve the field', async () => {
    const file = projectFile({
      table: withAudio({
        description: 'said',
        ...{
          mode: 'warm',
          introduce: 5,
          announce: 'a.wav',
          require_accept: true,
          hold_music: 'a.wav',
          recording: 'both',
        },
      }),
    })
    const found = async (media: 'direct' | 'rtpengine' | 'freeswitch') =>
      (await lintProject(file, 0, { trunks: [{ name: 'local', gateways: [] }], media })).map(
        ({ code, pointer }) => `${code} ${pointer.split('/').at(-1)}`,
      )
    assert.deepEqual(await found('direct'), [
      'needs_media announce',
      'needs_media hold_music',
      'needs_media recording',
      'needs_media require_accept',
      'no_mixer introduce',
    ])
    assert.deepEqual(await found('rtpengine'), ['no_mixer introduce'])
    assert.deepEqual(await found('freeswitch'), [])
  })

  it('is a finding where Baton speaks no texts, or hears no digits', async () => {
    const file = projectFile({ table: withAudio({ description: 'said', announce: 'From $caller', accept: {} }) })
    const found = async (fields: object) =>
      (
        await lintProject(file, 0, { trunks: [{ name: 'local', gateways: [] }], media: 'rtpengine', ...fields })
      ).flatMap(({ code, pointer }) => (code.startsWith('needs_') ? [`${code} ${pointer.split('/').at(-1)}`] : []))
    assert.deepEqual(await found({ speaks: false, hearsDigits: false }), [
      'needs_digits accept',
      'needs_speech announce',
    ])
    assert.deepEqual(await found({ speaks: true, hearsDigits: true }), [])
    assert.deepEqual(await found({}), [])
  })

  it('is a finding where rtpengine does not record what is wished', async () => {
    for (const [recording, findings] of [
      ['caller', 1],
      ['stop_at_handoff', 1],
      ['both', 0],
      ['from_handoff', 0],
    ] as const) {
      const file = projectFile({ table: withAudio({ description: 'said', recording }) })
      const found = await lintProject(file, 0, { trunks: [{ name: 'local', gateways: [] }], media: 'rtpengine' })
      assert.equal(found.filter(({ code }) => code === 'not_recorded').length, findings, recording)
    }
  })

  it('is a finding where a project records nothing, or cannot tell its callers before', async () => {
    const found = async (fields: object, media: 'direct' | 'rtpengine' = 'rtpengine') => {
      const setup = { trunks: [{ name: 'local', gateways: [] }], media, speaks: false }
      const findings = await lintProject({ ...projectFile({ table: withAudio({}) }), ...fields }, 0, setup)

      return findings
        .filter(({ pointer }) => pointer.startsWith('/recording'))
        .map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`)
    }
    assert.deepEqual(await found({ recording: 'both' }, 'direct'), ['warning needs_media /recording'])
    assert.deepEqual(await found({ recording: 'caller' }), ['warning not_recorded /recording'])
    assert.deepEqual(await found({ recording: 'both', recording_notice: 'lost.wav' }), [
      'warning no_audio /recording_notice',
    ])
    assert.deepEqual(await found({ recording: 'both', recording_notice: 'We record this call' }), [
      'warning needs_speech /recording_notice',
    ])
    assert.deepEqual(await found({ recording: 'stop_at_handoff', recording_notice: 'a.wav' }), [])
  })
})
