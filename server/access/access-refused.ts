import { Refusal } from '../../base/refusal.ts'

/** A refusal of a change of people, tokens or sessions, in the form that the API answers. */
export class AccessRefused extends Refusal {
  constructor(slug: keyof typeof refusals, detail: string) {
    const [status, title] = refusals[slug]
    super({ status, slug, title, detail })
  }
}

const refusals = {
  wrong_password: [401, 'The name or the password is wrong'],
  sign_in_refused: [403, 'Signing in is not permitted'],
  unknown_person: [404, 'No such person'],
  unknown_token: [404, 'No such token'],
  name_taken: [409, 'The name is taken'],
  last_admin: [409, 'An admin is needed'],
  no_password: [409, 'Not a local account'],
  too_many: [409, 'Too many'],
  stray_role: [422, 'A role in another project'],
  weak_password: [422, 'The password is too weak'],
  provider_unavailable: [503, 'The OpenID provider does not answer'],
} as const
