import type { Settings } from '../../config/index.ts'
import type { ProjectView } from '../../routes/index.ts'
import type { RehearsalRequest } from '../api/index.ts'
import type { Addresses } from '../app.ts'
import type { SipAddress } from '../sip/stack.ts'
import type { Paint } from './paint.ts'

/** Where a running Baton is reached; ends with a line feed. */
export function whereabouts({ sip, http, metrics }: Addresses, { dataDir }: Settings, paint: Paint): string {
  const places = [
    ['SIP', sip.map(({ transport, address, port }) => `${transport}:${host(address)}:${port}`).join(', ')],
    ['API', `${http}/v1`],
    ['API pages', `${http}/docs`],
    ['Metrics', metrics],
    ['Data', dataDir],
  ] as const

  return [
    paint.strong('Baton is serving. Ctrl-C stops it.'),
    ...places.map(([name, at]) => `  ${name.padEnd(10)} ${paint.name(at)}`),
    '',
  ].join('\n')
}

/** What a newcomer may try. */
export interface Trial {
  what: string
  command: string
}

/** Commands to copy into another terminal, which work as they are. */
export function trials(
  { sip, http }: Addresses,
  settings: Settings,
  project: ProjectView | undefined,
  rehearsed: RehearsalRequest | undefined,
  handoffs: readonly string[],
): Trial[] {
  const token = settings.http.adminToken === undefined ? '' : ` -H "Authorization: Bearer $ADMIN_TOKEN"`
  const found: Trial[] = [
    { what: 'every call, with its transfers and their evidence', command: `curl${token} ${http}/v1/calls` },
  ]
  if (!project || !rehearsed) {
    return [...found, { what: 'a project of your own', command: 'npx baton routes import config/projects/demo.yaml' }]
  }

  const { environment } = rehearsed
  const other = handoffs.find((name) => name !== rehearsed.handoff) ?? rehearsed.handoff
  const url = http === 'http://127.0.0.1:8080' ? '' : ` --url ${http}`
  found.push({
    what: 'a rehearsal of another handoff',
    command: `npx baton rehearse ${project.project} ${other} --env ${environment} --synthetic${url}`,
  })
  const served = Object.entries(project.environments).find(([name]) => name === environment)?.[1]
  const call = sippCall(sip, rehearsed.handoff, served?.numbers?.[0], served?.agents?.[0])

  return call === undefined
    ? found
    : [...found, { what: 'a call of your own, with SIPp as the agent and as the caller', command: call }]
}

/** SIPp playing the agent in the background, and the caller; undefined when it could not reach the one or be the other. */
function sippCall(
  sip: readonly SipAddress[],
  handoff: string,
  number: string | undefined,
  agent: string | undefined,
): string | undefined {
  const udp = sip.find(({ transport }) => transport === 'udp')
  const [, agentHost, agentPort] = /^sip:(?:[^@]*@)?([\d.]+):(\d+)$/.exec(agent ?? '') ?? []
  if (!udp || number === undefined || agentHost === undefined || agentPort === undefined) return undefined
  const play = (scenario: string): string => `sipp -sf sipp-scenarios/${scenario}.xml -i ${agentHost} -m 1`

  return [
    `${play('uas-asks-transfer-released')} -p ${agentPort} -d 500 -key refer_to sip:${handoff}@baton -bg;`,
    `${play('uac-refer-accepted-succeeded')} -s ${number} ${host(udp.address)}:${udp.port}`,
  ].join(' ')
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
