export const history = {
  scope: 'Of',
  thisProject: 'This project',
  everything: 'Everything',
  result: 'Result',
  any: 'Any',
  results: { done: 'Done', refused: 'Refused', failed: 'Failed' },
  search: 'Search',
  download: (format: string) => `Download ${format}`,
  none: 'No change yet. Whatever is changed, or refused, is listed here with who asked for it.',
  more: 'Show more',
  by: (who: string, from: string) => `${who} (${from})`,
  /** The requests of the API, by method and path, in the words of the pages. */
  requests: {
    'POST /v1/sign-in': () => 'Sign in',
    'GET /v1/sign-in/oidc/callback': () => 'Sign in with the organisation',
    'POST /v1/sign-out': () => 'Sign out',
    'PUT /v1/session/password': () => 'Change password',
    'POST /v1/people': () => 'Add person',
    'PATCH /v1/people/{name}': ({ name }) => `Change role of ${name}`,
    'DELETE /v1/people/{name}': ({ name }) => `Remove ${name}`,
    'PUT /v1/people/{name}/password': ({ name }) => `Reset password of ${name}`,
    'POST /v1/tokens': () => 'Create token',
    'DELETE /v1/tokens/{id}': () => 'Revoke a token',
    'POST /v1/calls/{call}/transfer': () => 'Hand over a call',
    'POST /v1/calls/{call}/transfer/cancel': () => 'Stop handing over a call',
    'POST /v1/calls/{call}/transfer/accept': () => 'Accept a caller',
    'POST /v1/calls/{call}/transfer/decline': () => 'Decline a caller',
    'PUT /v1/projects/{project}/audio/{name}': ({ name }) => `Keep the audio file ${name}`,
    'DELETE /v1/projects/{project}/audio/{name}': ({ name }) => `Delete the audio file ${name}`,
    'POST /v1/calls/{call}/state': () => 'Note the state of a call',
    'POST /v1/calls/{call}/hangup': () => 'Hang up a call',
    'PUT /v1/projects/{project}': () => 'Import a project file',
    'PUT /v1/projects/{project}/draft': () => 'Replace the draft',
    'POST /v1/projects/{project}/draft/handoffs': () => 'Add handoff',
    'PATCH /v1/projects/{project}/draft/handoffs/{handoff}': ({ handoff }) => `Edit handoff ${handoff}`,
    'DELETE /v1/projects/{project}/draft/handoffs/{handoff}': ({ handoff }) => `Delete handoff ${handoff}`,
    'POST /v1/projects/{project}/draft/handoffs/{handoff}/duplicate': ({ handoff }) => `Duplicate handoff ${handoff}`,
    'POST /v1/projects/{project}/draft/handoffs/{handoff}/default': ({ handoff }) => `Set ${handoff} as default`,
    'POST /v1/projects/{project}/draft/schedules': () => 'Add schedule',
    'PATCH /v1/projects/{project}/draft/schedules/{schedule}': ({ schedule }) => `Edit schedule ${schedule}`,
    'DELETE /v1/projects/{project}/draft/schedules/{schedule}': ({ schedule }) => `Delete schedule ${schedule}`,
    'POST /v1/projects/{project}/versions': ({ what }) => (what ? `Publish version ${what}` : 'Publish'),
    'POST /v1/projects/{project}/environments/{environment}/promote': ({ environment, what }) =>
      what ? `Promote version ${what} to ${environment}` : `Promote to ${environment}`,
    'POST /v1/projects/{project}/environments/{environment}/rollback': ({ environment, what }) =>
      what ? `Roll back ${environment} to version ${what}` : `Roll back ${environment}`,
    'PUT /v1/projects/{project}/environments/{environment}/draft': ({ environment }) =>
      `Edit settings of ${environment}`,
    'POST /v1/projects/{project}/environments/{environment}/switches': ({ environment }) =>
      `Set a switch in ${environment}`,
    'DELETE /v1/projects/{project}/environments/{environment}/switches/{switch}': ({ environment }) =>
      `Undo a switch in ${environment}`,
    'POST /v1/projects/{project}/rehearsals': ({ environment }) =>
      environment ? `Rehearse in ${environment}` : 'Rehearse',
    'POST /v1/targets/{id}/probe': ({ id }) => `Probe ${id}`,
    'POST /v1/targets/{id}/disable': ({ id }) => `Disable ${id}`,
    'POST /v1/targets/{id}/enable': ({ id }) => `Enable ${id}`,
    'POST /v1/targets/{id}/drain': ({ id }) => `Drain ${id}`,
    'DELETE /v1/trunks/{trunk}/memory': ({ trunk }) => `Forget what ${trunk} has refused`,
    'DELETE /v1/trunks/{trunk}/caps': ({ trunk }) => `Reset the calls of today of ${trunk}`,
    'POST /v1/twilio/connect': () => 'Connect Twilio',
    'DELETE /v1/twilio': () => 'Disconnect Twilio',
    'DELETE /v1/webhooks/dead-letters': () => 'Throw away all events that were not delivered',
    'DELETE /v1/webhooks/dead-letters/{id}': () => 'Throw away an event that was not delivered',
    'POST /v1/webhooks/dead-letters/replay': () => 'Send all events that were not delivered again',
    'POST /v1/webhooks/dead-letters/{id}/replay': () => 'Send an event that was not delivered again',
  } as Readonly<Record<string, (facts: Readonly<Record<string, string>>) => string>>,
  /** Of a thing that was made, its fields; of one that was taken away, what they were. */
  change: (name: string, before: string | undefined, after: string | undefined) =>
    before === undefined || after === undefined
      ? `${name}${after === undefined ? ' was' : ''}: ${after ?? before ?? ''}`
      : `${name}: ${before} → ${after}`,
  fields: {
    ...{ id: 'Id', name: 'Name', role: 'Role', projects: 'Projects', state: 'State', reason: 'Reason' },
    ...{ signsIn: 'Signs in by', sessions: 'Sessions', createdAt: 'Made at', createdBy: 'Made by' },
    ...{
      expiresAt: 'Ends at',
      lastUsedAt: 'Last used at',
      lastUsedFrom: 'Last used from',
      lastSignInAt: 'Last sign-in at',
    },
  } as Readonly<Record<string, string>>,
} as const
