import { Refusal } from '../../base/refusal.ts'

/** A refusal of a change of the connection to Twilio, in the form that the API answers. */
export class TwilioRefused extends Refusal {
  constructor(slug: keyof typeof refusals, detail: string) {
    const [status, title] = refusals[slug]
    super({ status, slug, title, detail })
  }
}

const refusals = {
  no_secrets_key: [409, 'SECRETS_KEY is needed'],
  not_connected: [409, 'Twilio is not connected'],
  other_account: [409, 'Another account is connected'],
  other_trunk: [409, 'Another trunk is connected'],
  no_trunk: [422, 'No such trunk'],
  twilio_refused: [422, 'Twilio refuses'],
  unknown_number: [422, 'No such number'],
  twilio_unreachable: [502, 'Twilio cannot be reached'],
} as const
