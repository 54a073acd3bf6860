export const targets = {
  title: 'Gateways and agents',
  help: 'Whatever calls are sent to, how it is now, and what to do about it.',
  none: 'Nothing yet: add a gateway to a trunk, or promote a version with agents.',
  kind: { gateway: 'Gateway', agent: 'Agent', handoff: 'Handoff’s host' },
  state: {
    up: 'Up',
    down: 'Down',
    half_open: 'Being tried again',
    unknown: 'Not known yet',
    disabled: 'Disabled',
    draining: 'Draining',
  },
  since: (reason: string, when: string) => (reason === '' ? `Since ${when}` : `${reason}, since ${when}`),
  calls: (count: number) => (count === 1 ? '1 call now' : `${count} calls now`),
  rtt: (seconds: number) => `answers OPTIONS in ${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`,
  usedBy: (places: string) => `Used by ${places}`,
  addresses: 'Addresses',
  expires: (when: string) => `Its certificate expires ${when}`,
  probe: 'Probe',
  disable: 'Disable',
  /** The limit of a target, such as `Takes 30 calls at once (12 now); a call waits up to 20 s for room`; '' without a limit. */
  bounds: (limit: { calls?: number; cps?: number; queue?: number }, used?: { calls: number; cps: number }) => {
    const now = (count: number | undefined) => (count === undefined ? '' : ` (${count} now)`)
    const takes = [
      limit.calls === undefined ? '' : `${limit.calls} calls at once${now(used?.calls)}`,
      limit.cps === undefined ? '' : `${limit.cps} new calls a second${now(used?.cps)}`,
    ].filter(Boolean)
    const waits = limit.queue ? `; a call waits up to ${limit.queue} s for room` : ''

    return takes.length > 0 ? `Takes ${takes.join(', ')}${waits}` : ''
  },
  enable: 'Enable',
  drain: 'Drain',
  ofTarget: (action: string, uri: string) => `${action} ${uri}`,
  disableTitle: (uri: string) => `Disable ${uri}`,
  disableAsk: 'No call is sent there until someone enables it again. Calls that it has now go on.',
} as const

export const trunks = {
  trunks: 'Trunks',
  peers: 'Calls are taken from',
  gateways: 'Numbers are called by',
  noGateways: 'No gateway: numbers cannot be called over this trunk.',
  takesRefer: 'Takes REFER',
  noRefer: 'Is always bridged',
  memory: 'What it has refused',
  refusedUntil: (what: string, how: string, until: string) => `${what} with ${how}, remembered until ${until}`,
  forget: 'Forget',
  caps: 'Calls of today',
  capUse: (prefix: string, used: number, callsPerDay: number) => {
    const to = prefix === '+' ? 'all other numbers' : prefix

    return callsPerDay === 0 ? `No calls to ${to}` : `${used} of ${callsPerDay} to ${to}`
  },
  capsUntil: (until: string) => `The day ends on ${until} (midnight in UTC).`,
  resetCaps: 'Reset',
  resetCapsOf: (trunk: string) => `Reset the calls of today of ${trunk}`,
  resetCapsAsk:
    'All caps of this trunk begin their day again: as many calls may be sent once more, and are paid for. The history has who did it.',
  numbers: 'Numbers',
  number: 'Number',
  noNumbers: 'No number reaches this project yet.',
  changeNumbers: 'Numbers are changed in the settings of an environment',
  address: 'Address for your carrier',
  addressHelp: 'Where a carrier or PBX sends its calls.',
  findings: 'Check-up',
  findingsHelp: 'What npx baton doctor finds. Check now asks every agent, gateway and handoff host by OPTIONS first.',
  checkNow: 'Check now',
  allWell: 'All is well',
  showAll: 'Show all',
  showLess: 'Show less',
} as const
