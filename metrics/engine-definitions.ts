import { counter, gauge, type Definition } from './definition.ts'
import { oneOf, sipCode, sipMethod, slug, softwareVersion } from './labels.ts'

const end = oneOf('client', 'server')

/** Metrics that only the embedded engine has. */
export const engineDefinitions = {
  transactions: gauge('baton_engine_transactions', 'SIP transactions that are alive.', { type: end }),
  dialogs: gauge('baton_engine_dialogs', 'SIP dialogs that are alive.', {}),
  timers: gauge('baton_engine_timers', 'Timers that are set.', {}),
  retransmissions: counter('baton_engine_retransmissions_total', 'SIP messages that were sent again.', {
    type: oneOf('request', 'response'),
  }),
  badMessages: counter('baton_engine_bad_messages_total', 'Messages received that are no proper SIP.', {
    reason: slug,
  }),
  passedOverHeaders: counter(
    'baton_engine_passed_over_headers_total',
    'Malformed header lines received that nothing needed and that were ignored.',
    { reason: slug },
  ),
  udpReceiveErrors: counter(
    'baton_engine_udp_receive_errors_total',
    'UDP datagrams that the kernel dropped before they were read.',
    { of: oneOf('listeners', 'host') },
  ),
  drops: counter('baton_engine_drops_total', 'Messages received and not acted on.', { reason: slug }),

  // drachtio-server's names for the same numbers, so that its dashboards show Baton's engine, too.
  drachtioRequestsIn: counter('drachtio_sip_requests_in_total', 'SIP requests received.', { method: sipMethod }),
  drachtioRequestsOut: counter('drachtio_sip_requests_out_total', 'SIP requests sent.', { method: sipMethod }),
  drachtioResponsesIn: counter('drachtio_sip_responses_in_total', 'SIP responses received.', {
    method: sipMethod,
    code: sipCode,
  }),
  drachtioResponsesOut: counter('drachtio_sip_responses_out_total', 'SIP responses sent.', {
    method: sipMethod,
    code: sipCode,
  }),
  drachtioBuildInfo: gauge('drachtio_build_info', 'Always 1; the version is of the engine.', {
    version: softwareVersion,
  }),
  drachtioTimeStarted: gauge('drachtio_time_started', 'When the engine was started, in seconds since 1970.', {}),
  drachtioAppConnections: gauge('drachtio_app_connections', 'Applications connected to the engine.', {}),
  drachtioServerTransactions: gauge('drachtio_sofia_server_txns', 'SIP server transactions that are alive.', {}),
  drachtioClientTransactions: gauge('drachtio_sofia_client_txns', 'SIP client transactions that are alive.', {}),
  drachtioDialogs: gauge('drachtio_sofia_dialogs', 'SIP dialogs that are alive.', {}),
  drachtioMessagesReceived: gauge('drachtio_sofia_msgs_recv', 'SIP messages received since the start.', {}),
  drachtioMessagesSent: gauge('drachtio_sofia_msgs_sent', 'SIP messages sent since the start.', {}),
  drachtioBadMessages: gauge(
    'drachtio_sofia_bad_msgs_recv',
    'Messages received since the start that are no proper SIP.',
    {},
  ),
  drachtioRetransmittedRequests: gauge(
    'drachtio_sofia_retransmitted_requests',
    'SIP requests sent again since the start.',
    {},
  ),
  drachtioRetransmittedResponses: gauge(
    'drachtio_sofia_retransmitted_responses',
    'SIP responses sent again since the start.',
    {},
  ),
} satisfies Record<string, Definition>
