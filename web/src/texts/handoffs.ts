interface HeaderRoom {
  bytes: number
  maxBytes: number | undefined
  count: number
  maxCount: number | undefined
}

const outOf = (number: number, max: number | undefined): string =>
  max === undefined ? number.toLocaleString('en') : `${number.toLocaleString('en')} of ${max.toLocaleString('en')}`

export const audio = {
  open: 'Audio files',
  title: 'Audio files of the draft',
  about: 'What handoffs play: music for the caller who waits, and announcements for the person who answers.',
  none: 'None yet. Upload a WAV file, then name it in a handoff under Advanced.',
  facts: (seconds: number, rate: number) => `${seconds} s, ${rate / 1000} kHz`,
  usedBy: (names: string) => `Played by ${names}`,
  unused: 'No handoff plays it.',
  listen: (name: string) => `Listen to ${name}`,
  remove: (name: string) => `Delete ${name}`,
  file: 'WAV file',
  fileHelp: 'PCM, 8 or 16 kHz, 0.2 to 300 seconds. A file of the same name is replaced in the draft.',
  choose: 'Choose a file',
  upload: 'Upload',
} as const

export const handoffs = {
  search: 'Search handoffs',
  add: 'Add handoff',
  none: 'No handoff yet. Add the first: where should callers go when they ask for a person?',
  noMatch: 'No handoff matches.',
  edit: 'Edit',
  more: (name: string) => `More actions for ${name}`,
  duplicate: 'Duplicate',
  setDefault: 'Set as default',
  deactivate: 'Deactivate',
  activate: 'Activate',
  remove: 'Delete',
  actions: 'Actions',
  isDefault: 'Default',
  isInactive: 'Not in use',
  lastChanged: (when: string, who: string) => `Changed ${when} by ${who}`,
  removeTitle: (name: string) => `Delete ${name}`,
  removeAsk: (name: string) =>
    `Type ${name} to delete it from the draft. Nothing that runs changes until you publish and promote.`,
  removeName: 'Name of the handoff',
  duplicateTitle: (name: string) => `Duplicate ${name}`,
  duplicateName: 'Name of the copy',
  thenTry: 'If it fails',
  noTransfers: 'No transfer in the last hour. Rehearsals are left out.',
  succeeded: (count: number, share: number) =>
    `${Math.round(share * 100)} % of ${count === 1 ? '1 transfer' : `${count} transfers`} succeeded in the last hour. Rehearsals are left out.`,
  open: 'Open',
  closed: 'Closed',
  openUntil: (until: string) => `Open until ${until}`,
  closedUntil: (until: string) => `Closed until ${until}`,
  bySwitch: 'by a switch',
  inEnvironment: (environment: string) => `In ${environment}`,
  /** Why nothing is known, such as `Destination: not asked yet`. */
  targetUnknown: (reason: string) => `Destination: ${reason}`,
  targetState: {
    up: 'Destination answers',
    down: 'Destination is down',
    half_open: 'Destination is being tried',
    disabled: 'Destination is disabled',
    draining: 'Destination is being drained',
  },
} as const

export const dialog = {
  back: 'Back',
  addTitle: 'Add handoff',
  editTitle: 'Edit handoff',
  name: 'Name',
  nameHelp: 'Anything that people know it by',
  slug: (slug: string) => `Agents ask for it as ${slug}`,
  description: 'Description',
  method: 'Method',
  route: 'Route / Number',
  routeHelp: 'A number such as +14155550100, or a sip:, sips: or tel: address',
  headers: 'SIP headers',
  addHeader: 'Add SIP header',
  headerName: 'Header name',
  headerValue: 'Header value',
  headerBecomes: (value: string) => (value === '' ? 'Left out: it has no value' : `Becomes ${value}`),
  headerNameExample: 'X-Account',
  headerValueExample: 'acct-${account}',
  insertVariable: 'Insert a variable',
  variable: 'Variable …',
  removeHeader: (name: string) => `Remove header ${name}`,
  room: ({ bytes, maxBytes, count, maxCount }: HeaderRoom) =>
    `${outOf(count, maxCount)} headers, ${outOf(bytes, maxBytes)} bytes. Values are shown for a sample call from +14155550123.`,
  advanced: 'Advanced',
  preview: 'Preview',
  previewNone: 'Complete the fields to see the message that would be sent.',
  previewOf: (method: string, to: string) => `${method} to the ${to}`,
  add: 'Add',
  save: 'Save',
  cancel: 'Cancel',
  noHeaders: 'None. Headers tell the destination who is calling and why.',
  groups: {
    failure: 'If it fails',
    hours: 'Opening hours',
    waiting: 'Waiting',
    person: 'Music, announcement and acceptance',
    receiver: 'What the destination is told',
    line: 'The line',
    more: 'More',
  },
} as const
