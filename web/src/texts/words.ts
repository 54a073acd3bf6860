export const environment = { sandbox: 'Sandbox', 'pre-release': 'Pre-release', live: 'Live' } as const

export const method = { refer: 'SIP REFER', invite: 'SIP INVITE', bye: 'SIP BYE' } as const

export const methodHelp = {
  refer: 'The carrier or PBX is asked to call the destination itself; bridged by Baton when that is refused.',
  invite: 'Baton calls the destination and stays between the two.',
  bye: 'The call is given back to the PBX, with the headers.',
} as const

export const party = { caller: 'Caller', agent: 'Agent', destination: 'Destination', baton: 'Baton' } as const

export const state = {
  setup: 'Setting up',
  connected: 'With the agent',
  transferring: 'Being transferred',
  bridged: 'With a person',
  ended: 'Ended',
} as const

export const result = {
  answered: 'Answered',
  rejected: 'Rejected',
  failed: 'Failed',
  abandoned: 'Abandoned',
  succeeded: 'Succeeded',
  unknown: 'Unknown',
} as const
