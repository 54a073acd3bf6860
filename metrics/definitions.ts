import {
  filePath,
  httpMethod,
  httpRoute,
  name,
  oneOf,
  sipCode,
  sipMethod,
  slug,
  tableVersion,
  numberPrefix,
  targetName,
  softwareVersion,
} from './labels.ts'
import { counter, gauge, histogram, type Definition } from './definition.ts'

/** Every metric of Baton but those of its engine: what is registered, what docs/metrics.md lists, and what the dashboard may query. */

const place = { project: name, environment: name }
const target = { kind: oneOf('gateway', 'agent', 'handoff'), target: targetName }
const direction = oneOf('in', 'out')
const method = oneOf('refer', 'invite', 'bye')
export const overloadReasons = ['rate', 'lag', 'calls'] as const
export const exceptionPlaces = ['call', 'transfer', 'request', 'record', 'process'] as const
export const degradableChecks = ['routes', 'cdr', 'history', 'audit', 'recovery', 'media'] as const
const mediaCommandResults = ['ok', 'refused', 'timeout', 'unreachable'] as const
export const journalStores = ['disk', 'redis'] as const
export const recoveryResults = ['recovered', 'lost', 'failed'] as const
export const switchActions = ['close', 'open', 'divert'] as const
export const webhookResults = ['delivered', 'failed', 'dropped'] as const
export const resolverResults = [
  'answered',
  'timeout',
  'unreachable',
  'refused',
  'invalid',
  'denied',
  'busy',
  'no_secret',
  'cancelled',
] as const
export const speechResults = ['spoken', 'kept', 'timeout', 'unreachable', 'refused', 'invalid', 'busy'] as const
const transferResult = oneOf('succeeded', 'failed', 'abandoned', 'unknown')

export const definitions = {
  calls: counter('baton_calls_total', 'Calls that have ended, each once.', {
    ...place,
    result: oneOf('answered', 'rejected', 'failed', 'abandoned'),
    reason: slug,
  }),
  callsAgentDown: counter(
    'baton_calls_agent_down_total',
    'Ended calls that no agent took, and that `agent_down` was tried for.',
    {
      ...place,
      result: oneOf('answered', 'rejected', 'failed', 'abandoned'),
    },
  ),
  agentAttempts: counter('baton_agent_attempts_total', 'INVITEs to agents, by what came of each.', {
    ...place,
    result: oneOf('answered', 'failed', 'abandoned'),
    reason: slug,
  }),
  callsActive: gauge('baton_calls_active', 'Calls that are up or being set up.', place),
  callsSilent: gauge('baton_calls_silent', 'Calls of which no party was heard for an hour.', place),
  callFinalResponses: counter(
    'baton_call_final_responses_total',
    "Final responses to callers' INVITEs, one for each call.",
    { ...place, code: sipCode },
  ),
  sessionRequestDelay: histogram(
    'baton_session_request_delay_seconds',
    "Post-dial delay: from a caller's INVITE to the first response beyond 100 that is no failure.",
    place,
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 11, 20],
  ),
  ringTime: histogram(
    'baton_ring_seconds',
    'From the first provisional response beyond 100 to the answer, or to the end without one.',
    { ...place, result: oneOf('answered', 'unanswered') },
    [0.1, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180],
  ),
  callSetup: histogram(
    'baton_call_setup_seconds',
    "From a caller's INVITE to the 200 that answers it.",
    place,
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 60],
  ),

  transfers: counter('baton_transfers_total', 'Transfers that have ended, each once, by what became of the caller.', {
    ...place,
    handoff: name,
    method,
    result: transferResult,
    reason: slug,
    trunk: name,
    version: tableVersion,
  }),
  transfersActive: gauge('baton_transfers_active', 'Transfers that are running.', place),
  transferTime: histogram(
    'baton_transfer_seconds',
    'From the request of a transfer to its outcome.',
    { method, result: transferResult },
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120],
  ),
  transfersAmended: counter(
    'baton_transfers_amended_total',
    'Transfers whose outcome was amended by proof that came after it.',
    { ...place, handoff: name, method, was: transferResult, was_reason: slug, result: transferResult, reason: slug },
  ),
  transferAttempts: counter('baton_transfer_attempts_total', 'Attempts of transfers: each REFER, INVITE or BYE.', {
    ...place,
    handoff: name,
    method,
    result: transferResult,
    code: sipCode,
  }),

  sipRequests: counter('baton_sip_requests_total', 'SIP requests received and sent, retransmissions included.', {
    direction,
    method: sipMethod,
  }),
  sipResponses: counter('baton_sip_responses_total', 'SIP responses received and sent, retransmissions included.', {
    direction,
    method: sipMethod,
    code: sipCode,
  }),

  authentications: counter(
    'baton_authentications_total',
    'Requests of trunks that authenticate, by what their credentials proved.',
    {
      trunk: name,
      result: oneOf('accepted', 'challenged', 'wrong', 'other_user', 'stale', 'replayed', 'other_uri', 'malformed'),
    },
  ),

  overloadRefusals: counter('baton_overload_refusals_total', 'New calls that were refused for want of room.', {
    reason: oneOf(...overloadReasons),
  }),

  unknownSourceRequests: counter(
    'baton_unknown_source_requests_total',
    'Requests outside dialogs from addresses that no trunk has.',
    { result: oneOf('refused', 'blocked', 'scanner') },
  ),
  blockedSources: gauge('baton_blocked_sources', 'Addresses that are not answered now.', {}),

  ladderBytes: gauge('baton_ladder_bytes', 'Memory that the ladders of calls hold.', {}),
  httpRequests: counter('baton_http_requests_total', 'Requests to the HTTP listeners that were answered.', {
    listener: oneOf('api', 'metrics'),
    route: httpRoute,
    method: httpMethod,
    status: oneOf('1xx', '2xx', '3xx', '4xx', '5xx'),
  }),
  httpSignIns: counter('baton_http_sign_ins_total', 'Requests to the API that needed a token, by what they brought.', {
    result: oneOf('accepted', 'missing', 'wrong', 'limited'),
  }),
  twilioWebhooks: counter('baton_twilio_webhooks_total', "Requests of Twilio's voice webhook.", {
    request: oneOf('voice', 'ended', 'refer', 'disaster'),
    result: oneOf('answered', 'refused', 'wrong_signature', 'limited'),
  }),
  httpCutOffs: counter(
    'baton_http_connections_cut_off_total',
    'Connections to the HTTP listeners refused or cut off.',
    {
      listener: oneOf('api', 'metrics'),
      reason: slug,
    },
  ),

  exceptions: counter('baton_exceptions_total', 'Exceptions that were not foreseen, by what they were stopped at.', {
    in: oneOf(...exceptionPlaces),
  }),
  callsRecovered: counter(
    'baton_calls_recovered_total',
    'Calls of the process before: taken up, lost since a party had left meanwhile, or not to be taken up.',
    { result: oneOf(...recoveryResults) },
  ),
  journalErrors: counter(
    'baton_journal_errors_total',
    'Writes of the calls that are up, for a process after this one, that failed.',
    { store: oneOf(...journalStores) },
  ),
  leaseLost: gauge('baton_lease_lost', '1 after another Baton has taken over the address of this one, else 0.', {}),
  waitingRecords: gauge('baton_cdrs_waiting', 'Call detail records that wait for the disk.', {}),
  lostRecords: counter(
    'baton_cdrs_lost_total',
    'Call detail records that are not written: too many waited for the disk, or the process ended before.',
    {},
  ),
  historyCalls: gauge('baton_history_calls', 'Ended calls in the call history.', {}),
  historyBytes: gauge('baton_history_bytes', 'Size of the call history on disk.', {}),
  historyLost: counter('baton_history_calls_lost_total', 'Ended calls that the call history could not keep.', {}),
  lostAuditEntries: counter(
    'baton_audit_entries_lost_total',
    'Entries of the history of changes that could not be written.',
    {},
  ),
  resolverRequests: counter(
    'baton_resolver_requests_total',
    'Transfers for which the resolver of a handoff was asked, by what came of it; the table decided all that are not `answered`.',
    { result: oneOf(...resolverResults) },
  ),
  resolverTime: histogram(
    'baton_resolver_seconds',
    'From the request to a resolver to its answer, or to its failure.',
    {},
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  ),
  speechRequests: counter(
    'baton_speech_requests_total',
    'Texts of announcements that were to be spoken, by what came of it; `kept` ones were spoken before. The others had no announcement.',
    { result: oneOf(...speechResults) },
  ),
  speechTime: histogram(
    'baton_speech_seconds',
    'From the request to the speech endpoint to the end of its audio, or to its failure; texts that are kept left out.',
    {},
    [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  ),
  webhooksWaiting: gauge(
    'baton_webhooks_waiting',
    'Events that wait for the webhook, the one on its way included.',
    {},
  ),
  webhookDeadLetters: gauge(
    'baton_webhook_dead_letters',
    'Events that the webhook has not taken and that are kept for a replay.',
    {},
  ),
  webhookDeadLetterAge: gauge(
    'baton_webhook_dead_letter_oldest_seconds',
    'How long ago the oldest event among the dead letters happened; 0 without any.',
    {},
  ),
  webhooks: counter('baton_webhooks_total', 'Events for the webhook, by what became of them.', {
    result: oneOf(...webhookResults),
  }),
  certificateExpiry: gauge(
    'baton_tls_certificate_expiry_timestamp_seconds',
    'When a certificate in use, or one of its chain, expires first, in seconds since 1970.',
    { file: filePath },
  ),
  loopActive: counter(
    'baton_event_loop_active_seconds_total',
    'Time that the event loop was not idle; its rate is the event loop utilisation.',
    {},
  ),

  targetRefusals: counter(
    'baton_target_refusals_total',
    'Calls that were not sent somewhere, by what it is and why: it is down, taken out, or at its limit.',
    {
      kind: oneOf('gateway', 'agent', 'trunk', 'handoff', 'environment', 'project'),
      target: targetName,
      reason: slug,
    },
  ),
  contextReads: counter(
    'baton_context_reads_total',
    'Contexts of transfers that desktops have asked for: found, or unknown (never given, or expired).',
    { result: oneOf('found', 'unknown') },
  ),
  contextStoreErrors: counter(
    'baton_context_store_errors_total',
    'Contexts of transfers that could not be written to the store, or read from it.',
    {},
  ),
  trunkCapUsed: gauge(
    'baton_trunk_cap_used_ratio',
    'What is used of the calls a day (UTC) that a trunk may be sent to numbers of one beginning; 1: no more are sent.',
    { trunk: name, prefix: numberPrefix },
  ),
  hepPackets: counter('baton_hep_packets_total', 'Copies of SIP messages for Homer.', {
    result: oneOf('sent', 'dropped'),
  }),

  mediaServerUp: gauge('baton_media_server_up', '1 while a server of RTPENGINE answers, else 0.', {
    server: targetName,
  }),
  mediaSessions: gauge('baton_media_sessions', 'Sessions that legs have on a server of RTPENGINE.', {
    server: targetName,
  }),
  mediaLegs: counter(
    'baton_media_legs_total',
    'Legs with a reason to go through a media server: anchored, direct or refused without a server, or lost with one.',
    { reason: slug, result: oneOf('anchored', 'direct', 'refused', 'lost') },
  ),
  mediaSilent: counter(
    'baton_media_silent_total',
    'Answered sessions on an rtpengine of which no packet came from the caller’s side, the party’s (agent or destination), or both.',
    { side: oneOf('caller', 'party', 'both') },
  ),
  mediaCommands: counter('baton_media_commands_total', 'Commands to the servers of RTPENGINE that have ended.', {
    command: oneOf('offer', 'answer', 'delete', 'query', 'play', 'stop', 'block', 'record', 'ping', 'list'),
    result: oneOf(...mediaCommandResults),
  }),

  routeVersion: gauge('baton_route_version', 'The version of the routing table that new calls get.', place),
  routeLookups: counter('baton_route_lookups_total', 'Look-ups of dialled numbers and of handoffs.', {
    result: oneOf('hit', 'default', 'unknown_number', 'no_version'),
  }),
  routeStaleness: gauge(
    'baton_route_staleness_seconds',
    'How long ago the routing tables were last known to be current.',
    {},
  ),
  routeRejected: counter('baton_route_rejected_total', 'Routing tables from the store that could not be used.', {}),
  unknownVariables: counter(
    'baton_template_unknown_variables_total',
    'Variables of header templates that a call did not have, rendered as nothing.',
    place,
  ),

  switches: gauge('baton_switches', 'Switches in force: what operators have closed, opened or diverted for a time.', {
    ...place,
    action: oneOf(...switchActions),
  }),
  switchExpiry: gauge(
    'baton_switch_expiry_timestamp_seconds',
    'When the next switch of an environment expires, in seconds since 1970; 0 where none does.',
    place,
  ),

  targetUp: gauge(
    'baton_target_up',
    '1 while a target is up, 0 while it is down or half-open; none while nothing is known, or an operator has taken it out.',
    target,
  ),
  targetRtt: gauge('baton_target_rtt_seconds', 'Time between the last OPTIONS to a target and its response.', target),
  targetCalls: gauge('baton_target_calls', 'Calls on a target now.', target),
  targetCertificateExpiry: gauge(
    'baton_target_certificate_expiry_timestamp_seconds',
    'When the first certificate that a target has shown to OPTIONS expires, in seconds since 1970.',
    target,
  ),
  agentsUp: gauge(
    'baton_agents_up',
    'Agents of an environment that are up, or of which nothing is known: half-open ones do not count.',
    place,
  ),

  buildInfo: gauge('baton_build_info', 'Always 1; says which version runs.', { version: softwareVersion }),
  degraded: gauge('baton_degraded', '1 while calls go on without a part, such as the store of routing tables.', {
    check: oneOf(...degradableChecks),
  }),
  ready: gauge('baton_ready', '1 when new calls are taken, else 0.', {}),
  draining: gauge('baton_draining', '1 when stopping: calls are finished, new ones refused.', {}),
} satisfies Record<string, Definition>
