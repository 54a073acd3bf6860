import { Type, type Static } from 'typebox'

/** The JSON of calls in the API, events and CDRs. Times are ISO 8601, durations are in seconds. */

const Time = Type.String({ format: 'date-time' })
const oneOf = <const T extends string[]>(...values: T) => Type.Enum<T>(values)

export const Evidence = Type.Object(
  {
    at: Time,
    from: oneOf('caller', 'agent', 'destination', 'baton'),
    what: Type.String({ description: 'A response, a sipfrag, a BYE, a timer that ran out … in words of SIP' }),
  },
  { title: 'Evidence' },
)

export const AttemptView = Type.Object(
  {
    handoff: Type.String(),
    method: oneOf('refer', 'invite', 'bye'),
    target: Type.String(),
    result: Type.Optional(oneOf('succeeded', 'failed', 'abandoned', 'unknown')),
    reason: Type.Optional(Type.String()),
    code: Type.Optional(Type.Integer({ description: 'The SIP status that decided it' })),
    detail: Type.Optional(Type.String({ description: 'Why there was no connection, as far as that is known' })),
    local: Type.Optional(Type.Literal(true, { description: 'The status is Baton’s own: no response came' })),
    rang: Type.Optional(Type.Literal(true, { description: 'The destination had said that it rings' })),
    remembered: Type.Optional(
      Type.Object(
        { what: Type.String(), until: Time },
        { description: 'The earlier refusal of REFER by this trunk for which the caller was bridged at once' },
      ),
    ),
    tried: Type.Optional(
      Type.Array(Type.Object({ target: Type.String(), reason: Type.String(), code: Type.Optional(Type.Integer()) }), {
        description: 'Gateways, and addresses it was redirected to, that were called before and gave way to the next',
      }),
    ),
    startedAt: Time,
    endedAt: Type.Optional(Time),
    headers: Type.Record(Type.String(), Type.String(), { description: 'The headers sent, as rendered' }),
    evidence: Type.Array(Evidence),
  },
  { title: 'Attempt' },
)

export const TransferView = Type.Object(
  {
    id: Type.String(),
    handoff: Type.String({
      description: 'The handoff that was run; the default one when the requested name is unknown',
    }),
    requestedHandoff: Type.String(),
    requestedBy: oneOf('refer', 'api'),
    requestReason: Type.Optional(Type.String()),
    attended: Type.Optional(
      Type.Literal(true, { description: 'The agent had another call, whose far end the caller is to be joined with' }),
    ),
    contextId: Type.Optional(
      Type.String({ description: 'What the agent gave along is at /v1/context/{contextId}, for a time' }),
    ),
    joins: Type.Optional(Type.String({ description: 'Attended: the id of that other call' })),
    state: oneOf('running', 'ended'),
    result: Type.Optional(oneOf('succeeded', 'failed', 'abandoned', 'unknown')),
    reason: Type.Optional(Type.String()),
    sipStatus: Type.Optional(Type.Integer()),
    amended: Type.Optional(
      Type.Object(
        { at: Time, result: oneOf('succeeded', 'failed', 'abandoned', 'unknown'), reason: Type.String() },
        { description: 'Proof came after the outcome: when it came, and the outcome before it' },
      ),
    ),
    diagnosis: Type.Optional(
      Type.String({ description: 'Once ended, in words: what happened, whose doing it was, what to change' }),
    ),
    startedAt: Time,
    endedAt: Type.Optional(Time),
    attempts: Type.Array(AttemptView),
  },
  { title: 'Transfer' },
)

export const AgentState = Type.Object(
  {
    at: Time,
    state: Type.String({ description: 'A word of the agent’s platform, such as verified' }),
    detail: Type.Optional(Type.String()),
  },
  { title: 'AgentState' },
)

const TriedParty = Type.Object({
  uri: Type.String(),
  what: Type.String({ description: 'Its response, or that none came' }),
  reason: Type.Optional(
    Type.String({ description: 'A slug, such as busy, no_answer, no_response (not even 100) or unreachable' }),
  ),
})

const Party = { uri: Type.String(), callId: Type.String() }

const LegQuality = Type.Object(
  {
    codec: Type.String(),
    encryption: oneOf('none', 'sdes', 'dtls'),
    packets: Type.Integer({ description: 'RTP packets that came from this party' }),
    loss: Type.Number({ description: 'The share of its packets that were lost, 0 to 1' }),
    jitter: Type.Optional(Type.Number({ description: 'Seconds (RFC 3550 6.4.1), from its RTCP' })),
    mos: Type.Optional(Type.Number({ description: 'Estimated mean opinion score, 1 to 4.5 (ITU-T G.107)' })),
  },
  { title: 'LegQuality' },
)

const AnchoredMedia = Type.Object(
  {
    anchored: oneOf('none', 'rtpengine'),
    reason: Type.Optional(Type.String({ description: 'Why the last leg is anchored: encryption, codecs …' })),
    legs: Type.Object(
      {
        caller: Type.Optional(LegQuality),
        agent: Type.Optional(LegQuality),
        destination: Type.Optional(LegQuality),
      },
      { description: 'What came from each party of an anchored leg' },
    ),
    problem: Type.Optional(Type.String({ description: 'A party that no packet ever came from, and what to look at' })),
  },
  { title: 'AnchoredMedia', description: 'Where MEDIA names a media server: how the media of the call goes' },
)

export const RecordingView = Type.Object(
  {
    state: oneOf('off', 'notice', 'recording', 'paused', 'failed'),
    files: Type.Array(
      Type.Object({
        at: Time,
        party: oneOf('agent', 'destination'),
        server: Type.String({ description: 'The rtpengine that writes it: the address of its ng port' }),
        name: Type.String({ description: 'The beginning of the name that it has in the folder of that rtpengine' }),
      }),
      {
        description:
          'The files, oldest first: a further one for each party, after each pause, and by each other rtpengine',
      },
    ),
    problem: Type.Optional(Type.String({ description: 'Why it is not recorded although it is to be' })),
  },
  { title: 'Recording', description: 'notice: the caller is being told of the recording, which begins then' },
)

export const CallView = Type.Object(
  {
    id: Type.String(),
    project: Type.String(),
    environment: Type.String(),
    version: Type.Integer(),
    release: Type.Optional(Type.Integer({ description: 'The release of its environment that it is pinned to' })),
    trunk: Type.String(),
    node: Type.String({ description: 'The process that has, or had, the call: its NODE_NAME' }),
    source: Type.Object(
      { transport: Type.String(), address: Type.String(), port: Type.Integer() },
      { description: 'Where the caller’s INVITE came from' },
    ),
    state: oneOf('setup', 'connected', 'transferring', 'bridged', 'ended'),
    rehearsal: Type.Optional(Type.Literal(true, { description: 'A synthetic call of Baton’s own' })),
    consults: Type.Optional(
      Type.String({
        description: 'The agent is the caller: it asks a handoff’s destination about the call of this id',
      }),
    ),
    result: Type.Optional(oneOf('answered', 'rejected', 'failed', 'abandoned')),
    reason: Type.Optional(Type.String()),
    sipStatus: Type.Optional(Type.Integer({ description: 'The final response to the caller’s INVITE' })),
    detail: Type.Optional(Type.String({ description: 'Why no party could be called, party by party' })),
    caller: Type.Object({ ...Party, number: Type.String(), name: Type.Optional(Type.String()) }),
    identity: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description:
          'Headers of the INVITE that say who calls, and who was called before, by name: P-Asserted-Identity, Diversion …',
      }),
    ),
    called: Type.String(),
    agent: Type.Object(Party),
    destination: Type.Optional(Type.Object({ ...Party, handoff: Type.String() })),
    via: Type.Optional(
      Type.Literal('agent_down', {
        description: 'The caller was given to the handoff under `agent_down`; left out while agents are called',
      }),
    ),
    agentDown: Type.Optional(
      Type.String({
        description: 'The handoff that the caller was given under `agent_down`, since no agent took the call',
      }),
    ),
    tried: Type.Optional(
      Type.Array(TriedParty, {
        description: 'Agents, and destinations under `agent_down`, that were called in vain before the answer',
      }),
    ),
    diagnosis: Type.Optional(
      Type.String({
        description:
          'In words, of a call that ended without an answer, or with audio in one direction alone: what happened, whose doing it was, what to change',
      }),
    ),
    media: Type.Optional(AnchoredMedia),
    recording: Type.Optional(RecordingView),
    startedAt: Time,
    ringingAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When the caller first heard a provisional response beyond 100',
      }),
    ),
    ringSeconds: Type.Optional(Type.Number({ description: 'From then to the answer, or to the end without one' })),
    answeredAt: Type.Optional(Time),
    recoveredAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'When Baton took the call up again after a restart' }),
    ),
    endedAt: Type.Optional(Time),
    endedBy: Type.Optional(oneOf('caller', 'agent', 'destination', 'baton')),
    endCause: Type.Optional(
      Type.Integer({
        description:
          'The Q.850 cause of the end: that of its Reason, else the one that the SIP status stands for (RFC 3398)',
      }),
    ),
    endReason: Type.Optional(Type.String({ description: 'The Reason (RFC 3326) of the message that ended it' })),
    durationSeconds: Type.Optional(Type.Number()),
    states: Type.Optional(
      Type.Array(AgentState, { description: 'As the agent’s platform has set them, oldest first' }),
    ),
    transfers: Type.Array(TransferView),
  },
  { title: 'Call' },
)

export const LadderView = Type.Object(
  {
    messages: Type.Array(
      Type.Object({
        at: Time,
        leg: oneOf('caller', 'agent', 'destination'),
        direction: oneOf('in', 'out'),
        local: Type.String(),
        remote: Type.String(),
        transport: Type.String(),
        text: Type.String(),
        passedOver: Type.Optional(
          Type.Array(Type.String(), {
            description: 'Malformed header lines that were ignored (RFC 3261 8.2.2), and why',
          }),
        ),
      }),
    ),
    omitted: Type.Optional(
      Type.Integer({
        description: 'How many messages are not kept: the call had too many, or the memory went to later ones',
      }),
    ),
  },
  { title: 'Ladder' },
)

export type AgentState = Static<typeof AgentState>
export type Evidence = Static<typeof Evidence>
export type AttemptView = Static<typeof AttemptView>
export type TransferView = Static<typeof TransferView>
export type CallView = Static<typeof CallView>
export type RecordingView = Static<typeof RecordingView>
export type AnchoredMedia = Static<typeof AnchoredMedia>
export type LegQuality = Static<typeof LegQuality>
export type LadderView = Static<typeof LadderView>

export type TriedParty = Static<typeof TriedParty>

export type PartyRole = 'caller' | 'agent' | 'destination'
export type EndedBy = NonNullable<CallView['endedBy']>
export type CallResult = NonNullable<CallView['result']>
export type TransferResult = NonNullable<TransferView['result']>
export type TransferMethod = AttemptView['method']
