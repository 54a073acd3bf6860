import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TransferView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs, programPath } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { recordingsIn } from '../harness/recording.ts'
import { json, HttpEndpoint } from '../harness/http-endpoint.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { tone } from '../server/audio/tone.ts'
import { dialledNumber, type Phone, Phones } from './phones.ts'

/** Hertz: what each party says, and what is played. */
const [callerHz, agentHz, deskHz, musicHz, announcedHz, spokenHz] = [500, 700, 900, 1300, 1700, 2100]

const mp3 = (wav: Buffer): Buffer =>
  execFileSync(programPath('lame') ?? 'lame', ['--quiet', '--resample', '24', '-', '-'], { input: wav })

for (const stack of stacks) {
  describe(`What is heard in a transfer (${stack.name})`, function () {
    this.timeout(60_000)
    needs('rtpengine', 'lame')
    let speech: HttpEndpoint
    let recordings: string
    let rtpengine: Rtpengine
    let baton: Baton
    const phones = new Phones(() => baton)

    before(async () => {
      const digits = await freePort()
      recordings = mkdtempSync(join(tmpdir(), 'baton-recordings-'))
      rtpengine = await Rtpengine.start(digits, recordings)
      speech = await HttpEndpoint.start({
        speech: (response) => {
          const { input } = JSON.parse(speech.asked.at(-1)?.body ?? '') as { input: string }
          if (input.includes('refused')) json({ error: 'no credit' }, 429)(response)
          // Longer than what goes to the rtpengine with the command, as WAV.
          else response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(mp3(tone(6, { hz: spokenHz })))
        },
      })
      const env = {
        MEDIA: 'rtpengine',
        RTPENGINE: rtpengine.address,
        RTPENGINE_DIGITS: `127.0.0.1:${digits}`,
        SPEECH_URL: speech.url('speech'),
        SPEECH_KEY: 'sk-test',
        SPEECH_VOICE: 'nova',
      }
      baton = await Baton.start({ stack, env })
    })
    afterEach(async () => {
      await phones.settle()
      await until('no session is left on the rtpengine', async () => (await rtpengine.sessions()).length === 0)
      await baton.idle(['baton_calls_active', 'baton_transfers_active', 'baton_media_sessions'])
    })
    after(async () => {
      await baton.stop()
      await rtpengine.kill()
      await speech.close()
      rmSync(recordings, { recursive: true })
    })

    /** A call with two handoffs, desk and duty, and audio files of the project; all say their tones. */
    async function story(first: object, second: object = {}) {
      const [desk, duty] = [await phones.open(), await phones.open()]
      await baton.api('PUT', '/v1/projects/phones', {
        project: 'phones',
        environments: { live: { numbers: [dialledNumber], agents: [desk.uri] } },
        table: { handoffs: [{ name: 'none', default: true, method: 'invite', route: desk.uri }] },
      })
      for (const [name, hz, seconds] of [
        ['music.wav', musicHz, 5],
        ['sales.wav', announcedHz, 1],
      ] as const) {
        await baton.audio('phones', name, tone(seconds, { hz }))
      }
      const { id, caller, agent } = await phones.connected([
        { name: 'desk', default: true, method: 'invite', route: desk.uri, ...first },
        { name: 'duty', method: 'invite', route: duty.uri, ...second },
      ])
      caller.audio.say(callerHz)
      agent.audio.say(agentHz)
      desk.audio.say(deskHz)
      duty.audio.say(deskHz)
      await Promise.all([caller.audio.heard.tone(agentHz), agent.audio.heard.tone(callerHz)])

      return { id, caller, agent, desk, duty }
    }

    const asks = (id: string, handoff = 'desk') => baton.api('POST', `/v1/calls/${id}/transfer`, { handoff })
    const ended = async (id: string): Promise<TransferView> => {
      const { data } = await baton.events.of('transfer.ended', id)
      assert.ok(data.transfer)

      return data.transfer
    }
    const evidence = ({ attempts }: Pick<TransferView, 'attempts'>) =>
      attempts.flatMap((attempt) => attempt.evidence.map(({ from, what }) => `${from}: ${what}`))
    const noted = (id: string, what: string) =>
      until(`the evidence has "${what}"`, async () => {
        const last = (await baton.call(id)).transfers.at(-1)
        if (last && evidence(last).some((each) => each.includes(what))) return true
        throw new Error(JSON.stringify(last && evidence(last)))
      })
    const connected = async (caller: Phone, person: Phone): Promise<void> => {
      await Promise.all([caller.audio.heard.tone(deskHz), person.audio.heard.tone(callerHz)])
    }
    /** The tones that the caller has heard since it heard the agent. */
    const heardBy = ({ audio: { heard } }: Phone) => heard.tones(heard.firstOf(agentHz))
    const hungUp = async (caller: Phone, person: Phone): Promise<void> => {
      caller.hangsUp()
      await person.hungUp()
    }

    it('is music for the caller, from the beginning until the person answers', async () => {
      const { id, caller, agent, desk } = await story({ hold_music: 'music.wav' })
      await asks(id)
      const rung = await desk.rings()
      await Promise.all([caller.audio.heard.tone(musicHz), agent.audio.heard.nothing()])
      await desk.answers(rung)
      await Promise.all([connected(caller, desk), agent.hungUp()])
      assert.deepEqual(heardBy(caller), [agentHz, musicHz, deskHz])
      assert.deepEqual(desk.audio.heard.tones(), [callerHz])
      const transfer = await ended(id)
      assert.equal(transfer.result, 'succeeded')
      assert.ok(evidence(transfer).includes('baton: the caller hears music.wav'))
      await hungUp(caller, desk)
    })

    it('is the agent again, when it comes to nothing', async () => {
      const { id, caller, agent, desk } = await story({ hold_music: 'music.wav' })
      await asks(id)
      const rung = await desk.rings()
      await caller.audio.heard.tone(musicHz)
      rung.respond(486)
      await Promise.all([caller.audio.heard.tone(agentHz), agent.audio.heard.tone(callerHz)])
      assert.deepEqual(heardBy(caller), [agentHz, musicHz, agentHz])
      assert.equal((await ended(id)).reason, 'busy')
      await hungUp(caller, agent)
    })

    it('is nothing for the caller, where that is wished', async () => {
      const { id, caller, agent, desk } = await story({ hold_music: 'silence' })
      await asks(id)
      const rung = await desk.rings()
      await Promise.all([caller.audio.heard.nothing(), agent.audio.heard.nothing()])
      await desk.answers(rung)
      await connected(caller, desk)
      assert.ok(evidence(await ended(id)).includes('baton: the caller hears silence'))
      await hungUp(caller, desk)
    })

    it('is an announcement for the person alone, who then accepts by a digit', async () => {
      const fields = { mode: 'warm', announce: 'sales.wav', accept: {}, require_accept: true }
      const { id, caller, agent, desk } = await story(fields)
      await asks(id)
      await desk.answers()
      await desk.audio.heard.tone(announcedHz)
      await noted(id, 'for a digit')
      await Promise.all([caller.audio.heard.tone(agentHz), agent.audio.heard.tone(callerHz)])
      await desk.audio.press('71')
      await connected(caller, desk)
      assert.deepEqual(desk.audio.heard.tones(), [announcedHz, callerHz])
      assert.deepEqual(heardBy(caller), [agentHz, deskHz])
      const transfer = await ended(id)
      assert.equal(transfer.result, 'succeeded')
      for (const line of [
        'baton: plays sales.wav to the person: 1 s',
        'baton: waits 15 s for a digit: 1 accepts, 2 declines',
        'destination: pressed 7 (RFC 4733), which has no meaning',
        'destination: pressed 1 (RFC 4733)',
      ]) {
        assert.ok(evidence(transfer).includes(line), line)
      }
      await agent.hungUp()
      await hungUp(caller, desk)
    })

    it('is a text for the person, spoken while the destination rings, and once for all who hear it', async () => {
      for (const result of ['spoken', 'kept']) {
        const asked = speech.asked.length
        const { id, caller, agent, desk } = await story({ announce: 'A call about $reason', accept: {} })
        await baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk', reason: 'a late "table"' })
        const rung = await desk.rings()
        if (result === 'spoken') {
          await until('the endpoint is asked', () => speech.asked.length > asked)
          const { headers, body } = speech.asked.at(-1)!
          assert.equal(headers.authorization, 'Bearer sk-test')
          assert.deepEqual(JSON.parse(body), {
            ...{ model: 'tts-1', voice: 'nova', response_format: 'mp3' },
            input: 'A call about a late "table"',
          })
        } else assert.equal(speech.asked.length, asked)
        await desk.answers(rung)
        await desk.audio.heard.tone(spokenHz)
        await desk.audio.press('1')
        await connected(caller, desk)
        assert.deepEqual(desk.audio.heard.tones(), [spokenHz, callerHz])
        assert.ok(
          evidence(await ended(id)).some((line) => /^baton: plays the text to the person: 6(\.\d+)? s$/.test(line)),
        )
        await agent.hungUp()
        await hungUp(caller, desk)
      }
      const metrics = await baton.metrics()
      assert.equal(metrics.get('baton_speech_requests_total{result="spoken"}'), 1)
      assert.equal(metrics.get('baton_speech_requests_total{result="kept"}'), 1)
    })

    it('is no announcement where the endpoint refuses the text: the person is asked all the same', async () => {
      const { id, caller, agent, desk } = await story({ announce: 'This is refused', accept: {} })
      await asks(id)
      await desk.answers()
      await noted(id, 'no announcement: the speech endpoint: it answered 429')
      await desk.audio.press('1')
      await connected(caller, desk)
      assert.equal((await ended(id)).result, 'succeeded')
      assert.deepEqual(desk.audio.heard.tones(), [callerHz])
      await agent.hungUp()
      await hungUp(caller, desk)
      assert.equal((await baton.metrics()).get('baton_speech_requests_total{result="refused"}'), 1)
    })

    it('is recorded in the clear from the moment that the person has the caller, both of them and nothing before', async () => {
      const fields = {
        mode: 'warm',
        announce: 'sales.wav',
        accept: {},
        recording: 'from_handoff',
        encryption: 'required',
      }
      const { id, caller, agent, desk } = await story(fields)
      await asks(id)
      await desk.answers()
      await desk.audio.heard.tone(announcedHz)
      await desk.audio.press('1')
      await connected(caller, desk)
      await agent.hungUp()
      await ended(id)
      await noted(id, 'recorded by rtpengine')
      const line = evidence((await baton.call(id)).transfers.at(-1)!).find((each) => each.includes('recorded by')) ?? ''
      await hungUp(caller, desk)
      await until('the recording is written', () => recordingsIn(recordings).length > 0)
      const [recording, ...others] = recordingsIn(recordings)
      assert.ok(recording)
      assert.deepEqual(others, [])
      assert.equal(
        line,
        `baton: recorded by rtpengine ${rtpengine.address}: ${recording.name.replace(/-[0-9a-f]+\.pcap$/, '')}`,
      )
      assert.match(recording.metadata, new RegExp(`^call ${id}$`, 'm'))
      assert.deepEqual(recording.said.flatMap((said) => said.tones()).sort(), [callerHz, deskHz])
      assert.ok((await baton.metrics()).get('baton_media_commands_total{command="record",result="ok"}') === 1)
    })

    it('is cut short by a person who declines, and the next one is asked, who says nothing', async () => {
      const accept = { digits: { '1': 'accept', '2': 'decline' }, timeout: 1 }
      const { id, caller, agent, desk, duty } = await story(
        { announce: 'sales.wav', accept, hold_music: 'music.wav', on_failure: ['duty'] },
        { accept, require_accept: true, hold_music: 'music.wav' },
      )
      await asks(id)
      await desk.answers()
      await Promise.all([desk.audio.heard.tone(announcedHz), caller.audio.heard.tone(musicHz)])
      await desk.audio.press('2')
      await desk.hungUp()
      await duty.answers()
      await duty.hungUp()
      await Promise.all([caller.audio.heard.tone(agentHz), agent.audio.heard.tone(callerHz)])
      const { result, reason, attempts } = await ended(id)
      assert.deepEqual([result, reason], ['failed', 'no_accept'])
      assert.deepEqual(
        attempts.map((attempt) => attempt.reason),
        ['declined_by_person', 'no_accept'],
      )
      assert.deepEqual([desk.audio.heard.tones(), duty.audio.heard.tones()], [[announcedHz], []])
      await hungUp(caller, agent)
    })
  })
}
