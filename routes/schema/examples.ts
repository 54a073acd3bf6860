/** Examples of documents, for editors and the description of the API. */

export const exampleHandoff = {
  name: 'front-desk',
  description: 'Reception, day and night',
  default: true,
  method: 'refer',
  route: 'sip:front-desk@pbx.example',
  headers: { 'X-Caller': '$caller_id' },
  on_failure: [],
}

export const exampleSchedule = {
  name: 'office-hours',
  time_zone: 'Europe/Berlin',
  weekly: { mon: ['09:00-17:30'], fri: ['09:00-15:00'] },
}

export const exampleTable = { handoffs: [exampleHandoff], schedules: [exampleSchedule] }

export const exampleSettings = {
  numbers: ['+14155550100'],
  agents: ['sip:agent@192.0.2.20'],
  variables: { region: 'west' },
}

export const exampleProject = {
  project: 'demo',
  environments: { live: exampleSettings },
  table: exampleTable,
}
