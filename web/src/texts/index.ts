import { access, people } from './access.ts'
import { live, context, media, calls, callSearch } from './calls.ts'
import { draft, actions, conflict, change } from './draft.ts'
import { environments } from './environments.ts'
import { fields } from './fields.ts'
import { audio, handoffs, dialog } from './handoffs.ts'
import { history } from './history.ts'
import { schedules } from './schedules.ts'
import { product, navigation, shell } from './shell.ts'
import { switches } from './switches.ts'
import { test } from './test.ts'
import { transfers } from './transfers.ts'
import { targets, trunks } from './trunks.ts'
import { twilio } from './twilio.ts'
import { environment, method, methodHelp, party, state, result } from './words.ts'

/** Every text of the pages, in English; each page has a file in this folder. A translation is another object of this type. */
export const texts = {
  product,
  navigation,
  shell,
  environment,
  method,
  methodHelp,
  audio,
  handoffs,
  dialog,
  fields,
  draft,
  switches,
  schedules,
  environments,
  actions,
  conflict,
  change,
  party,
  state,
  result,
  live,
  context,
  media,
  calls,
  transfers,
  callSearch,
  test,
  targets,
  trunks,
  twilio,
  access,
  people,
  history,
} as const
