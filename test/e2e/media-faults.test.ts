import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { freePort } from '../harness/ports.ts'
import { Rtpengine } from '../harness/rtpengine.ts'
import { stacks } from '../harness/stacks.ts'
import { until } from '../harness/until.ts'
import { tone } from '../server/audio/tone.ts'
import { type Phone, Phones } from './phones.ts'

for (const stack of stacks) {
  describe(`Calls whose rtpengine fails (${stack.name})`, function () {
    this.timeout(120_000)
    needs('rtpengine')
    let servers: Rtpengine[] = []
    let baton: Baton
    const phones = new Phones(() => baton)

    const start = async (count: number, env: Record<string, string> = {}): Promise<void> => {
      servers = await Promise.all(Array.from({ length: count }, () => Rtpengine.start()))
      const RTPENGINE = servers.map(({ address }) => address).join()
      baton = await Baton.start({ stack, env: { MEDIA: 'rtpengine', RTPENGINE, ...env } })
    }
    afterEach(async () => {
      await phones.settle()
      await baton.idle(['baton_calls_active', 'baton_media_sessions'])
      await baton.stop()
      await Promise.all(servers.map((server) => server.kill()))
    })

    const route = (desk: Phone, fields: object) => [
      { name: 'desk', description: 'Desk', default: true, method: 'invite', route: desk.uri, ...fields },
    ]
    const hearEachOther = async (one: Phone, hz: number, other: Phone, otherHz: number): Promise<void> => {
      one.audio.say(hz)
      other.audio.say(otherHz)
      await Promise.all([one.audio.heard.tone(otherHz), other.audio.heard.tone(hz)])
    }
    /** A caller that has been moved to a destination with this media. */
    const bridged = async (fields: object) => {
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(route(desk, fields))
      await agent.refers('<sip:desk@baton>')
      await desk.answers()
      await hearEachOther(caller, 500, desk, 900)
      await baton.events.of('transfer.ended', id)

      return { id, caller, desk }
    }
    const holder = async (): Promise<{ holding: Rtpengine; other: Rtpengine }> => {
      const [one, two] = servers
      if (!one || !two) throw new Error('there are not two')

      return (await one.sessions()).length > 0 ? { holding: one, other: two } : { holding: two, other: one }
    }
    const lost = async () => (await baton.metrics()).get('baton_media_legs_total{reason="encryption",result="lost"}')

    it('go on by another one when theirs is dead', async () => {
      await start(2)
      const { caller, desk } = await bridged({ encryption: 'required' })
      const { holding, other } = await holder()
      await holding.kill()
      await hearEachOther(caller, 600, desk, 1000)
      assert.equal((await other.sessions()).length, 1)
      assert.equal(await lost(), 1)
      caller.hangsUp()
      await desk.hungUp()
      await until('no session is left', async () => (await other.sessions()).length === 0)
    })

    it('go on by another one when theirs is hung, which deletes their session when it is back', async () => {
      await start(2)
      const { caller, desk } = await bridged({ encryption: 'required' })
      const { holding, other } = await holder()
      await holding.hang()
      await hearEachOther(caller, 600, desk, 1000)
      assert.equal((await other.sessions()).length, 1)
      caller.hangsUp()
      await desk.hungUp()
      holding.goOn()
      await until('no session is left', async () => {
        const left = await Promise.all(servers.map((server) => server.sessions()))

        return left.flat().length === 0
      })
    })

    it('have their hold music go on by another one', async () => {
      await start(2)
      const [desk, musicHz] = [await phones.open(), 1300]
      await baton.project({ project: 'phones', environments: {}, table: { handoffs: route(desk, {}) } })
      await baton.audio('phones', 'music.wav', tone(0.5, { hz: musicHz }))
      const { id, caller, agent } = await phones.connected(route(desk, { hold_music: 'music.wav' }))
      await hearEachOther(caller, 500, agent, 700)
      await agent.refers('<sip:desk@baton>')
      const rung = await desk.rings()
      await Promise.all([caller.audio.heard.tone(musicHz), agent.audio.heard.nothing()])
      const { holding } = await holder()
      await holding.kill()
      await caller.audio.heard.nothing(100)
      await caller.audio.heard.tone(musicHz)
      // Longer than the file: the music is played again and again there, too.
      const since = performance.now()
      await until('the music lasts', () => {
        const heard = caller.audio.heard.stretches(since)
        if (heard.some(({ hz, ms }) => hz === musicHz && ms > 1000)) return true
        throw new Error(JSON.stringify(heard))
      })
      assert.deepEqual(agent.audio.heard.tones(since), [])
      rung.respond(486)
      await baton.events.of('transfer.ended', id)
      await Promise.all([caller.audio.heard.tone(700), agent.audio.heard.tone(500)])
      caller.hangsUp()
      await agent.hungUp()
    })

    it('go on by the same one when it was restarted', async () => {
      await start(1)
      const { caller, desk } = await bridged({ encryption: 'required' })
      const [server] = servers
      await server?.kill()
      await server?.run()
      await hearEachOther(caller, 600, desk, 1000)
      assert.equal((await server?.sessions())?.length, 1)
      caller.hangsUp()
      await desk.hungUp()
      await until('no session is left', async () => (await server?.sessions())?.length === 0)
    })

    it('are set up by the next one within a second when one hangs', async () => {
      await start(2)
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(route(desk, { encryption: 'required' }))
      const [one, two] = servers
      // Each new session goes to the first one of those that have the fewest.
      await one?.hang()
      const begun = performance.now()
      await agent.refers('<sip:desk@baton>')
      const rung = await desk.rings()
      const took = performance.now() - begun
      assert.ok(took < 1000, `${took} ms`)
      await desk.answers(rung)
      await hearEachOther(caller, 500, desk, 900)
      await baton.events.of('transfer.ended', id)
      assert.equal((await two?.sessions())?.length, 1)
      one?.goOn()
      caller.hangsUp()
      await desk.hungUp()
    })

    it('go between the parties when none answers, where they can do without', async () => {
      await start(1)
      await servers[0]?.kill()
      const { id, caller, desk } = await bridged({ recording: 'both' })
      assert.deepEqual((await baton.call(id)).media, { anchored: 'none', legs: {} })
      assert.equal((await baton.metrics()).get('baton_media_legs_total{reason="recording",result="direct"}'), 1)
      caller.hangsUp()
      await desk.hungUp()
    })

    // A drachtio server's dialogs end with the connection to it.
    if (stack.name === 'embedded') {
      it('go on after a crash of Baton, and the sessions of the process before are deleted', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'baton-media-'))
        const env = { DATA_DIR: folder, SIP_LISTEN: `udp:127.0.0.1:${await freePort()}` }
        await start(1, env)
        const [server] = servers
        const RTPENGINE = server?.address ?? ''
        const { caller, desk } = await bridged({ encryption: 'required' })
        const [before] = (await server?.sessions()) ?? []
        await baton.kill()
        await baton.stop()
        baton = await Baton.start({ stack, env: { MEDIA: 'rtpengine', RTPENGINE, ...env } })
        await hearEachOther(caller, 600, desk, 1000)
        const after = (await server?.sessions()) ?? []
        assert.deepEqual([after.length, after[0] === before], [1, false])
        caller.hangsUp()
        await desk.hungUp()
        await until('no session is left', async () => (await server?.sessions())?.length === 0)
        rmSync(folder, { recursive: true, force: true })
      })
    }

    it('fail when none answers and MEDIA_FALLBACK is refuse: the caller stays with its agent', async () => {
      await start(1, { MEDIA_FALLBACK: 'refuse' })
      await servers[0]?.kill()
      const desk = await phones.open()
      const { id, caller, agent } = await phones.connected(route(desk, { recording: 'both' }))
      await agent.refers('<sip:desk@baton>')
      const { data } = await baton.events.of('transfer.ended', id)
      assert.deepEqual([data.transfer?.result, data.transfer?.reason], ['failed', 'media_unavailable'])
      await hearEachOther(caller, 500, agent, 900)
      assert.equal(desk.isInCall, false)
      caller.hangsUp()
      await agent.hungUp()
    })
  })
}
