import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { boundHttpServer, defaultHttpBounds, KeptText } from '../http/index.ts'
import type { UserAgent } from '../user-agent/index.ts'
import { protocolVersion } from './protocol/server-messages.ts'

/** Values that are read when metrics are scraped. */
export interface MetricsSource {
  readonly userAgent: UserAgent
  readonly applications: number
  readonly proxies: number
  readonly registrations: number
  stableDialogs(): { inbound: number; outbound: number }
}

const answerBuckets = [1, 3, 6, 10, 15, 20, 30, 60]
const progressBuckets = [1, 2, 3, 5, 7, 10, 15, 20]

/** The metrics of drachtio-server that apply to this engine, under their names. */
export class ServerMetrics {
  readonly registry = new Registry()
  readonly #answered: Record<'in' | 'out', Histogram>
  readonly #progressed: Record<'in' | 'out', Histogram>

  constructor(source: MetricsSource) {
    const { stats } = source.userAgent
    const { transport } = stats
    this.#counters('drachtio_sip_requests_in_total', 'requests received', ['method'], () => transport.requestsIn)
    this.#counters('drachtio_sip_requests_out_total', 'requests sent', ['method'], () => transport.requestsOut)
    const ofResponses = ['method', 'code']
    this.#counters('drachtio_sip_responses_in_total', 'responses received', ofResponses, () => transport.responsesIn)
    this.#counters('drachtio_sip_responses_out_total', 'responses sent', ofResponses, () => transport.responsesOut)
    this.#info(protocolVersion)
    this.#gauge('drachtio_time_started', 'when the engine began, seconds since 1970', constant(Date.now() / 1000))
    this.#gauge('drachtio_proxy_cores', 'requests being proxied', () => source.proxies)
    this.#gauge('drachtio_registered_endpoints', 'endpoints registered over connections', () => source.registrations)
    this.#gauge('drachtio_app_connections', 'applications connected', () => source.applications)
    this.#gauge('drachtio_sofia_dialogs', 'dialogs', () => source.userAgent.state().dialogs)
    this.#gauge('drachtio_sofia_dialog_hash_size', 'dialogs', () => source.userAgent.state().dialogs)
    this.#gauge(
      'drachtio_sofia_msgs_recv',
      'messages received',
      () => total(transport.requestsIn) + total(transport.responsesIn),
    )
    this.#gauge(
      'drachtio_sofia_msgs_sent',
      'messages sent',
      () => total(transport.requestsOut) + total(transport.responsesOut),
    )
    this.#gauge('drachtio_sofia_requests_recv_total', 'requests received', () => total(transport.requestsIn))
    this.#gauge('drachtio_sofia_requests_sent', 'requests sent', () => total(transport.requestsOut))
    this.#gauge('drachtio_sofia_bad_msgs_recv', 'received messages that were not SIP', () => transport.bad)
    this.#counters(
      'baton_engine_passed_over_headers_total',
      'malformed header lines that were ignored',
      ['reason'],
      () => stats.passedOver,
    )
    this.#stable(source)
    this.#answered = {
      in: this.#histogram('call_answer_seconds_in', answerBuckets),
      out: this.#histogram('call_answer_seconds_out', answerBuckets),
    }
    this.#progressed = {
      in: this.#histogram('call_pdd_seconds_in', progressBuckets),
      out: this.#histogram('call_pdd_seconds_out', progressBuckets),
    }
  }

  progressed(direction: 'in' | 'out', seconds: number): void {
    this.#progressed[direction].observe(seconds)
  }

  answered(direction: 'in' | 'out', seconds: number): void {
    this.#answered[direction].observe(seconds)
  }

  /** Serves them by HTTP. Rejects when the address is not available. */
  async serve(address: string, port: number): Promise<Server> {
    const kept = new KeptText(() => this.registry.metrics())
    const server = createServer((request, response) => {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      if (request.url?.split('?', 1)[0] !== '/metrics') {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('metrics are at /metrics\n')

        return
      }
      kept.read().then(
        ({ bytes, age }) => response.writeHead(200, { 'Content-Type': this.registry.contentType, Age: age }).end(bytes),
        () => response.writeHead(500).end(),
      )
    })
    boundHttpServer(server, defaultHttpBounds, () => undefined)
    server.listen(port, address)
    await once(server, 'listening')

    return server
  }

  #counters(name: string, help: string, labelNames: string[], read: () => ReadonlyMap<string, number>): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset()
        for (const [key, count] of read()) {
          const values = key.split(' ')
          this.inc(Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])), count)
        }
      },
    })
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read())
      },
    })
  }

  #info(version: string): void {
    const info = {
      name: 'drachtio_build_info',
      help: 'the drachtio-server version of the protocol',
      labelNames: ['version'],
    }
    new Gauge({ ...info, registers: [this.registry] }).set({ version }, 1)
  }

  #stable(source: MetricsSource): void {
    new Gauge({
      name: 'drachtio_stable_dialogs',
      help: 'answered calls',
      labelNames: ['type'],
      registers: [this.registry],
      collect() {
        const { inbound, outbound } = source.stableDialogs()
        this.set({ type: 'inbound' }, inbound)
        this.set({ type: 'outbound' }, outbound)
      },
    })
  }

  #histogram(name: string, buckets: number[]): Histogram {
    const help = name.includes('answer') ? 'from INVITE to answer' : 'from INVITE to the first sign of life'

    return new Histogram({ name: `drachtio_${name}`, help, buckets, registers: [this.registry] })
  }
}

const constant = (value: number) => (): number => value

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count

  return sum
}
