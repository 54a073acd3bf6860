export const draft = {
  region: 'Draft',
  changes: (count: number) => (count === 1 ? '1 change' : `${count} changes`),
  first: 'Not published yet',
  errors: (count: number) => (count === 1 ? '1 mistake' : `${count} mistakes`),
  warnings: (count: number) => (count === 1 ? '1 warning' : `${count} warnings`),
  review: 'Review',
  discard: 'Discard',
  publish: 'Publish',
  message: 'Message',
  messageHelp: 'Why, for the history',
  reviewTitle: 'What the draft changes',
  noFindings: 'Nothing to say against it.',
  discardTitle: 'Discard the draft',
  discardAsk: (version: number) => `The draft becomes version ${version} again. Your changes are lost.`,
  published: (version: number) => `Version ${version} is published. Promote it on the page Environments.`,
  before: 'Before',
  after: 'After',
} as const

export const actions = {
  import: () => 'Imported a project file',
  settings: (environment: string) => `Changed the settings of ${environment}`,
  restore: () => 'Restored the project',
  draft: () => 'Changed the draft',
  publish: (_: string, version: string) => `Published version ${version}`,
  rehearse: (environment: string) => `Rehearsed in ${environment}`,
  promote: (environment: string, version: string) => `Promoted version ${version} to ${environment}`,
  canary: (environment: string, version: string) => `Began to try version ${version} in ${environment}`,
  rollback: (environment: string, version: string) => `Rolled ${environment} back to version ${version}`,
  switch_set: (environment: string, what: string) => `Set a switch in ${environment}: ${what}`,
  switch_removed: (environment: string, what: string) => `Removed a switch in ${environment}: ${what}`,
  switch_expired: (environment: string, what: string) => `A switch in ${environment} has expired: ${what}`,
} as const

export const conflict = {
  title: 'The draft was changed while you were editing',
  help: 'Fields that only the other person changed keep their new values. Where you both changed one, keep yours or take theirs; then save.',
  deleted: 'It was deleted. Save to add it again, or cancel.',
  mine: 'Yours',
  theirs: 'Theirs',
  take: 'Take theirs',
  taken: 'Taken',
} as const

export const change = {
  of: (what: string, name: string) => `${what} ${name}`,
  added: (what: string, name: string) => `${what} ${name} added`,
  removed: (what: string, name: string) => `${what} ${name} removed`,
  renamed: (what: string, name: string) => `${what} ${name} renamed`,
  moved: (what: string, name: string) => `${what} ${name} moved`,
  changed: (thing: string, field: string, before: string, after: string) =>
    `${thing}: ${field} from ${before} to ${after}`,
  set: (thing: string, field: string, value: string) => `${thing}: ${field} set to ${value}`,
  unset: (thing: string, field: string) => `${thing}: ${field} taken away`,
  what: { handoff: 'Handoff', schedule: 'Schedule', rule: 'Rule', audio: 'Audio file', settings: 'Settings of' },
  nothing: '–',
  none: 'Nothing is different.',
  form: 'Form of the changes',
  inWords: 'In words',
  sideBySide: 'Side by side',
  field: 'Field',
} as const
