import type { BatonEvent } from '../../server/calls/events.ts'
import type { CallView, LadderView } from '../../server/legs/views.ts'
import type { Baton } from './baton.ts'
import { increase, type Samples } from './metrics.ts'
import { Sipp, type Part } from './sipp.ts'
import type { Trace } from './sip-trace.ts'
import { until } from './until.ts'

type Uri = (party: string) => string

/** Who is in a story and what Baton is told beforehand. Names are the parties'. */
export interface Cast {
  caller: Part
  /** In the order in which Baton tries them; `null` is an agent that is not there. */
  agents: Record<string, Part | null>
  /** The agents' URIs, when they are not where the parties of these names listen. */
  agentUris?: (uri: Uri) => string[]
  /** In this order; a later one may be told where an earlier one listens. */
  destinations?: Record<string, Part | ((uri: Uri) => Part)>
  /** Another caller, who dials the same number once the first one has been answered. */
  second?: Part
  /** Whom agents call that make a call of their own (`Part.takes`); `front-desk`. */
  consulted?: string
  /** The project's handoffs; `uri('desk')` is where that party listens. */
  handoffs?: (uri: Uri) => object[]
  /** The project's schedules. */
  schedules?: object[]
  /** More fields of the project. */
  project?: Record<string, unknown>
  /** The number to dial, when it is not the project's. */
  dial?: string
  /** What an operator does meanwhile; it begins when the call has been answered. */
  meanwhile?: (call: { id: string; baton: Baton }) => Promise<void>
}

/** What became of it. */
export interface Played {
  /** By party: `caller`, `second`, and the names in `agents` and `destinations`. */
  traces: Record<string, Trace>
  ports: Record<string, number>
  call: CallView
  /** The calls that came after the first one: a second caller's, and those that agents made. */
  others: CallView[]
  /** Of the first call. */
  events: BatonEvent[]
  /** Of all calls. */
  allEvents: BatonEvent[]
  /** What went up meanwhile; samples of this project, without the labels `project` and `environment`. */
  metrics: Map<string, number>
  /** What Baton says of its messages now; it may hear the last of a story a moment after the parties have gone. */
  told: () => Promise<Told>
  /** Whether Baton hears of every message (`Stack.tellsAll`). */
  tellsAll: boolean
}

/** What Baton says of the messages of all calls. */
interface Told {
  metrics: Map<string, number>
  ladder: LadderView
}

const noHandoffs = [{ name: 'unused', description: 'Not called', default: true, route: 'sip:unused@127.0.0.1:9' }]
let nextNumber = 0

/** Plays a call with real SIP parties, from a fresh project to the moment when all of them have gone. */
export async function play(baton: Baton, cast: Cast): Promise<Played> {
  const name = `story-${++nextNumber}`
  const number = `+1415555${String(1000 + nextNumber)}`
  const parties = new Map<string, Sipp>()
  try {
    const uri: Uri = (party) => parties.get(party)?.uri.replace('sip:', `sip:${party}@`) ?? missing(party)
    for (const [party, given] of Object.entries({ ...cast.agents, ...cast.destinations })) {
      const part = typeof given === 'function' ? given(uri) : given
      if (part) parties.set(party, await callee(baton, cast, part))
    }
    if (cast.dial === undefined) {
      await baton.project({
        project: name,
        environments: {
          live: { numbers: [number], agents: cast.agentUris?.(uri) ?? Object.keys(cast.agents).map(uri) },
        },
        table: tableOf(cast, uri),
        ...cast.project,
      })
    }

    const project = cast.dial === undefined ? name : 'none'
    const scrape = (): Promise<Samples> => baton.metrics(['environment', 'trunk', 'version'])
    const before = await scrape()
    const metrics = async () => ofProject(increase(before, await scrape()), project)
    const target = baton.sip(cast.caller.transport)
    parties.set('caller', await Sipp.calling(cast.caller, cast.dial ?? number, target))
    const ended = watch(baton, (event) => event.project === project)
    const started = await Promise.race([ended.started, allDone(parties).then(() => ended.started)])
    if (cast.second) {
      await baton.events.of('call.answered', started)
      parties.set('second', await Sipp.calling(cast.second, number, baton.sip(cast.second.transport)))
    }
    const meanwhile = cast.meanwhile?.({ id: started, baton })
    await Promise.race([
      Promise.all([allDone(parties), meanwhile, cueWhen(parties, started, baton, meanwhile)]),
      ...[...parties.values()].map((party) => failureOf(party)),
    ])
    await ended.over
    await over(baton)
    const traces = Object.fromEntries([...parties].map(([party, sipp]) => [party, sipp.trace()]))
    await byesHeard(before, scrape, Object.values(traces))
    const ids = await ended.all()
    const [call, ...others] = await Promise.all(ids.map((id) => baton.call(id)))
    if (!call) throw new Error('there was no call')

    return {
      traces,
      ports: Object.fromEntries([...parties].map(([party, sipp]) => [party, sipp.port])),
      ...{ call, others },
      events: baton.events.seen.filter((event) => event.callId === started),
      allEvents: baton.events.seen.filter(({ callId }) => callId !== undefined && ids.includes(callId)),
      tellsAll: baton.stack.tellsAll,
      metrics: await metrics(),
      told: async () => {
        const ladders = await Promise.all(ids.map((id) => baton.ladder(id)))

        return { metrics: await metrics(), ladder: { messages: ladders.flatMap(({ messages }) => messages) } }
      },
    }
  } catch (error) {
    // The next story starts afresh, even when this one went wrong.
    await hangUpAll(baton)
    await over(baton).catch(() => undefined)
    throw error
  } finally {
    await Promise.all([...parties.values()].map((party) => party.close()))
  }
}

function tableOf({ handoffs, schedules = [] }: Cast, uri: Uri): object {
  return { handoffs: handoffs?.(uri) ?? noHandoffs, schedules }
}

/** An agent or a destination, listening; an agent may make a call of its own. */
function callee(baton: Baton, { consulted = 'front-desk' }: Cast, part: Part): Promise<Sipp> {
  if (part.takes === undefined) return Sipp.answering(part)

  return Sipp.consulting(part, consulted, baton.sip(part.transport))
}

/** A party that waits for something of the call goes on when that has come and the operator has finished. */
async function cueWhen(
  parties: ReadonlyMap<string, Sipp>,
  id: string,
  baton: Baton,
  meanwhile: Promise<void> | undefined,
): Promise<void> {
  for (const [name, party] of parties) {
    if (!party.part.until) continue
    await Promise.all([meanwhile, party.part.until({ id, baton })])
    const { caller, destination } = await baton.call(id)
    await party.cue((name === 'caller' ? caller : destination)?.callId ?? '')
  }
}

const over = (baton: Baton) => baton.idle(['baton_calls_active', 'baton_transfers_active', 'baton_engine_dialogs'])

async function hangUpAll(baton: Baton): Promise<void> {
  const { calls } = await baton.api<{ calls: CallView[] }>('GET', '/v1/calls')
  for (const { id, state } of calls) if (state !== 'ended') await baton.api('POST', `/v1/calls/${id}/hangup`)
}

function watch(baton: Baton, ours: (event: BatonEvent) => boolean) {
  const seen = new Set(baton.events.seen)
  const fresh = (type: string) => (event: BatonEvent) => event.type === type && ours(event) && !seen.has(event)
  const started = baton.events.when('call.started', fresh('call.started')).then(({ callId = '' }) => callId)
  const ended = baton.events.when('call.ended', fresh('call.ended'), 30)
  for (const promise of [started, ended]) promise.catch(() => undefined)
  /** The ids of all that began since; resolves when all have ended. */
  const all = async (): Promise<string[]> => {
    const ids = baton.events.seen.filter(fresh('call.started')).map(({ callId = '' }) => callId)
    await Promise.all(ids.map((id) => baton.events.of('call.ended', id)))

    return ids
  }

  return { started, over: ended, all }
}

/** The answers to our BYEs are the last of a story: what comes of them belongs to it, and not to the next one. */
async function byesHeard(before: Samples, scrape: () => Promise<Samples>, traces: Trace[]): Promise<void> {
  const sent = traces
    .flatMap(({ messages }) => messages)
    .filter(({ direction, name }) => direction === 'sent' && /^\d+ BYE$/.test(name)).length
  const heard = async (): Promise<boolean> =>
    [...increase(before, await scrape())]
      .filter(([key]) => key.startsWith('baton_sip_responses_total') && /direction="in".*method="BYE"/.test(key))
      .reduce((sum, [, times]) => sum + times, 0) >= sent
  // A drachtio server does not tell of the answers to its own BYEs.
  await until('the answers to BYEs are counted', heard, 1).catch(() => undefined)
}

const allDone = (parties: ReadonlyMap<string, Sipp>) => Promise.all([...parties.values()].map(({ done }) => done))

/** Never resolves; rejects when the party's scenario went wrong. */
const failureOf = (party: Sipp) =>
  new Promise<never>((_, reject) => {
    party.done.catch(reject)
  })

/** An address at which nothing listens stands for a party that is not there; its own in each story, since Baton remembers what is down. */
const missing = (party: string) => `sip:${party}@127.9.${nextNumber >> 8}.${nextNumber & 255}:9`

/** Samples of one project, and those that no project has, without that label. */
function ofProject(samples: ReadonlyMap<string, number>, project: string): Map<string, number> {
  const kept = new Map<string, number>()
  for (const [key, value] of samples) {
    const named = /project="([^"]*)"/.exec(key)
    if (named && named[1] !== project) continue
    kept.set(
      key
        .replace(/,?project="[^"]*"/, '')
        .replace('{,', '{')
        .replace('{}', ''),
      value,
    )
  }

  return kept
}
