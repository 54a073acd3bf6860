import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallView, RecordingView } from '../../server/legs/views.ts'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { recordingsIn } from '../harness/recording.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { tone } from '../server/audio/tone.ts'
import { dialledNumber, type Phone, Phones } from './phones.ts'

/** Hertz: what each party says, and what is played. */
const [callerHz, agentHz, deskHz, cardHz, noticeHz] = [500, 700, 900, 1100, 1500]

/** Passes datagrams between Baton and an rtpengine on, but for the commands that it is to lose. */
async function lossyRelay(port: number, lost: string) {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')]
  let sender = 0
  front.on('message', (bytes, { port: from }) => {
    sender = from
    if (!bytes.includes(lost)) back.send(bytes, port, '127.0.0.1')
  })
  back.on('message', (bytes) => {
    front.send(bytes, sender, '127.0.0.1')
  })
  front.bind(0, '127.0.0.1')
  await once(front, 'listening')

  return {
    address: `127.0.0.1:${front.address().port}`,
    close: () => {
      front.close()
      back.close()
    },
  }
}

for (const stack of stacks) {
  describe(`What is recorded of a call (${stack.name})`, function () {
    this.timeout(60_000)
    needs('rtpengine')
    let folder: string
    let rtpengine: Rtpengine
    let relay: Awaited<ReturnType<typeof lossyRelay>> | undefined
    let baton: Baton
    const phones = new Phones(() => baton)

    const start = async (lost?: string): Promise<void> => {
      folder = mkdtempSync(join(tmpdir(), 'baton-recordings-'))
      rtpengine = await Rtpengine.start(undefined, folder)
      if (lost !== undefined) relay = await lossyRelay(rtpengine.port, lost)
      baton = await Baton.start({
        stack,
        env: { MEDIA: 'rtpengine', RTPENGINE: relay?.address ?? rtpengine.address },
      })
    }
    afterEach(async () => {
      await phones.settle()
      await until('no session is left on the rtpengine', async () => (await rtpengine.sessions()).length === 0)
      await baton.idle(['baton_calls_active', 'baton_transfers_active', 'baton_media_sessions'])
      await baton.stop()
      relay?.close()
      relay = undefined
      await rtpengine.kill()
      rmSync(folder, { recursive: true })
    })

    const act = (id: string, action: string) =>
      baton.api<RecordingView>('POST', `/v1/calls/${id}/recording`, { action })
    const refusal = async (id: string, action: string): Promise<unknown[]> => {
      const response = await baton.request('POST', `/v1/calls/${id}/recording`, { action })
      const { type, detail } = (await response.json()) as { type: string; detail: string }

      return [response.status, type, detail]
    }
    const say = async (one: Phone, hz: number, other: Phone, otherHz: number): Promise<void> => {
      one.audio.say(hz)
      other.audio.say(otherHz)
      await Promise.all([one.audio.heard.tone(otherHz), other.audio.heard.tone(hz)])
    }
    /** A project that records in this way, with a desk that records in that way. */
    const story = async (project: object, handoff: object = {}) => {
      const [desk, agent, caller] = [await phones.open(), await phones.open(), await phones.open()]
      const handoffs = [{ name: 'desk', default: true, method: 'invite', route: desk.uri, ...handoff }]
      const environments = { live: { numbers: [dialledNumber], agents: [agent.uri] } }
      const written = { project: 'phones', environments, table: { handoffs }, ...project }
      await baton.api('PUT', '/v1/projects/phones', written)
      await baton.audio('phones', 'notice.wav', tone(1, { hz: noticeHz }))
      await baton.project(written)
      caller.audio.say(callerHz)
      agent.audio.say(agentHz)
      await Promise.all([caller.calls(`sip:${dialledNumber}@${baton.sip()}`), agent.answers()])
      const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
      const id = calls.find(({ caller: { callId } }) => callId === caller.dialog.callId)?.id ?? ''

      return { id, caller, agent, desk }
    }
    const handedOver = async (id: string, desk: Phone): Promise<void> => {
      await baton.api('POST', `/v1/calls/${id}/transfer`, { handoff: 'desk' })
      await desk.answers()
      const { data } = await baton.events.of('transfer.ended', id)
      assert.equal(data.transfer?.result, 'succeeded')
    }
    const isRecording = (id: string, files: number) =>
      until('the call is recorded', async () => {
        const { recording } = await baton.call(id)
        if (recording?.state === 'recording' && recording.files.length === files) return true
        throw new Error(JSON.stringify(recording))
      })
    /** The tones in each finished file, by the files of the call. */
    const recorded = async (id: string, count: number): Promise<(number | undefined)[][]> => {
      await until('the files are written', () => recordingsIn(folder).length === count)
      const found = recordingsIn(folder)
      const { recording } = await baton.call(id)
      assert.equal(recording?.state, 'off')
      assert.deepEqual(
        recording.files.map(({ name }) => name).sort(),
        found.map(({ name }) => name.replace(/-[0-9a-f]+\.pcap$/, '')).sort(),
      )
      for (const { metadata } of found) assert.match(metadata, new RegExp(`^call ${id}$`, 'm'))

      return found.map(({ said }) => [...new Set(said.flatMap((each) => each.tones()))].sort())
    }
    const over = async (caller: Phone, party: Phone): Promise<void> => {
      caller.hangsUp()
      await party.hungUp()
    }

    it('is all of it, with the agent and with the person, after a notice to the caller', async () => {
      await start()
      const { id, caller, agent, desk } = await story({ recording: 'both', recording_notice: 'notice.wav' })
      await caller.audio.heard.tone(noticeHz)
      assert.equal((await baton.call(id)).recording?.state, 'notice')
      await say(caller, callerHz, agent, agentHz)
      await isRecording(id, 1)
      await agent.audio.heard.tone(callerHz)
      desk.audio.say(deskHz)
      await handedOver(id, desk)
      await Promise.all([say(caller, callerHz, desk, deskHz), isRecording(id, 2), agent.hungUp()])
      await say(caller, callerHz, desk, deskHz)
      const { transfers, media, recording } = await baton.call(id)
      assert.equal(media?.reason, 'recording')
      const [first, second] = recording?.files ?? []
      assert.deepEqual([first?.party, second?.party], ['agent', 'destination'])
      const evidence = transfers.flatMap(({ attempts }) => attempts.flatMap((each) => each.evidence))
      assert.ok(
        evidence.some(({ what }) => what === `recorded by rtpengine ${rtpengine.address}: ${second?.name ?? ''}`),
      )
      await over(caller, desk)
      const tones = await recorded(id, 2)
      assert.deepEqual(tones.sort(), [
        [callerHz, agentHz],
        [callerHz, deskHz],
      ])
      // The person was not told again, and the caller heard the notice alone.
      assert.deepEqual(caller.audio.heard.tones().filter((hz) => hz === noticeHz).length, 1)
      assert.ok(!desk.audio.heard.tones().includes(noticeHz) && !agent.audio.heard.tones().includes(noticeHz))
      const states = baton.events.seen.filter(({ type, callId }) => type === 'call.recording' && callId === id)
      assert.deepEqual(
        states.map(({ data }) => data.call?.recording?.state),
        ['notice', 'recording', 'recording'],
      )
    })

    it('is the talk with the agent alone, where the project stops at the handoff', async () => {
      await start()
      const { id, caller, agent, desk } = await story({ recording: 'stop_at_handoff' })
      await say(caller, callerHz, agent, agentHz)
      await isRecording(id, 1)
      await agent.audio.heard.tone(callerHz)
      desk.audio.say(deskHz)
      await handedOver(id, desk)
      await Promise.all([say(caller, callerHz, desk, deskHz), agent.hungUp()])
      assert.equal((await baton.call(id)).recording?.state, 'off')
      await over(caller, desk)
      assert.deepEqual(await recorded(id, 1), [[callerHz, agentHz]])
    })

    it('is what the API has it record: paused, nothing; resumed, a further file', async () => {
      await start()
      const { id, caller, agent } = await story({ recording: 'both' })
      await say(caller, callerHz, agent, agentHz)
      await isRecording(id, 1)
      await agent.audio.heard.tone(callerHz)
      assert.equal((await act(id, 'pause')).state, 'paused')
      await say(caller, cardHz, agent, cardHz)
      await say(caller, callerHz, agent, agentHz)
      const resumed = await act(id, 'resume')
      assert.deepEqual([resumed.state, resumed.files.length], ['recording', 2])
      await Promise.all([caller.audio.heard.tone(agentHz), agent.audio.heard.tone(callerHz)])
      assert.equal((await act(id, 'stop')).state, 'off')
      assert.deepEqual(await refusal(id, 'resume'), [
        ...[409, 'urn:baton:problem:not-recording', 'it is off; start it'],
      ])
      await over(caller, agent)
      for (const tones of await recorded(id, 2)) assert.deepEqual(tones, [callerHz, agentHz])
      assert.equal((await refusal(id, 'start'))[0], 409)
    })

    it('is nothing that goes through no media server: the API says why', async () => {
      await start()
      const { id, caller, agent } = await story({})
      await say(caller, callerHz, agent, agentHz)
      const why =
        'the media of the agent goes through no media server: set `recording` in the project or the handoff, so that it does'
      assert.deepEqual(await refusal(id, 'start'), [409, 'urn:baton:problem:not-anchored', why])
      assert.equal((await refusal(id, 'pause'))[1], 'urn:baton:problem:not-recording')
      assert.equal((await baton.call(id)).recording, undefined)
      await over(caller, agent)
    })

    it('is waited for by no transfer: an rtpengine that does not answer is told of later', async () => {
      await start('start recording')
      const { id, caller, agent, desk } = await story({}, { recording: 'both' })
      await say(caller, callerHz, agent, agentHz)
      desk.audio.say(deskHz)
      await handedOver(id, desk)
      const evidence = async () => {
        const { transfers } = await baton.call(id)

        return transfers.flatMap(({ attempts }) => attempts.flatMap((each) => each.evidence.map(({ what }) => what)))
      }
      assert.ok(!(await evidence()).some((what) => what.includes('recorded')))
      await say(caller, callerHz, desk, deskHz)
      await until('the recording has failed', async () => (await baton.call(id)).recording?.state === 'failed')
      assert.ok((await evidence()).some((what) => /^not recorded: rtpengine .*: no answer within \d+ ms$/.test(what)))
      await over(caller, desk)
    })

    it('is the talk with a destination in the place of an agent, too', async () => {
      await start()
      const [desk, caller] = [await phones.open(), await phones.open()]
      await baton.project({
        ...{ project: 'phones', agent_down: 'desk' },
        environments: { live: { numbers: [dialledNumber], agents: [] } },
        table: {
          handoffs: [{ name: 'desk', default: true, method: 'invite', route: desk.uri, recording: 'from_handoff' }],
        },
      })
      caller.audio.say(callerHz)
      desk.audio.say(deskHz)
      await Promise.all([caller.calls(`sip:${dialledNumber}@${baton.sip()}`), desk.answers()])
      const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
      const id = calls.at(0)?.id ?? ''
      await isRecording(id, 1)
      await say(caller, callerHz, desk, deskHz)
      await over(caller, desk)
      assert.deepEqual(await recorded(id, 1), [[callerHz, deskHz]])
    })
  })
}
