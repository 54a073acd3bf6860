import type { KeptDocument } from '../../routes/index.ts'
import { AccessRefused } from './access-refused.ts'
import { emptyDirectory, personNamed, type Directory, type Session } from './directory.ts'
import type { Passwords } from './passwords.ts'
import { digestOfSecret, randomSecret } from './secrets.ts'

/** Sessions of one person; the oldest ends when one more begins. */
const maxSessionsOfPerson = 20

export interface OpenedSession {
  /** The cookie's value; stored hashed only. */
  secret: string
  expiresAt: string
}

/** Sign-in and sign-out. A session ends at a fixed time after it began. */
export class Sessions {
  readonly #directory: KeptDocument<Directory>
  readonly #passwords: Passwords
  readonly #lifetimeMs: number
  readonly #now: () => number

  constructor(
    directory: KeptDocument<Directory>,
    passwords: Passwords,
    lifetimeMs: number,
    now: () => number = Date.now,
  ) {
    this.#directory = directory
    this.#passwords = passwords
    this.#lifetimeMs = lifetimeMs
    this.#now = now
  }

  /** Throws the same refusal, after the same time, for a wrong password and a name that is not known. */
  async signIn(name: string, password: string): Promise<OpenedSession> {
    if (!(await this.matches(name, password))) {
      throw new AccessRefused('wrong_password', 'The name or the password is wrong.')
    }

    return this.begin(name)
  }

  /** Whether it is the person's password. */
  matches(name: string, password: string): Promise<boolean> {
    const person = personNamed(this.#directory.now ?? emptyDirectory, name)

    return this.#passwords.matches(password, person?.password)
  }

  /** Begins a session of a person whose identity has been proved. */
  async begin(name: string): Promise<OpenedSession> {
    const now = this.#now()
    const [createdAt, expiresAt] = [now, now + this.#lifetimeMs].map((at) => new Date(at).toISOString()) as [
      string,
      string,
    ]
    const secret = randomSecret()
    const session: Session = { digest: digestOfSecret(secret), name, createdAt, expiresAt }
    await this.#directory.change((directory) => ({
      ...directory,
      people: directory.people.map((person) =>
        person.name === name ? { ...person, lastSignInAt: createdAt } : person,
      ),
      sessions: [...leftOf(directory, name, now), session],
    }))

    return { secret, expiresAt }
  }

  async end(secret: string): Promise<void> {
    const digest = digestOfSecret(secret)
    await this.#without((session) => session.digest === digest)
  }

  async endAll(name: string): Promise<void> {
    await this.#without((session) => session.name === name)
  }

  async #without(isEnded: (session: Session) => boolean): Promise<void> {
    await this.#directory.change((directory) => {
      const sessions = directory.sessions.filter((session) => !isEnded(session))

      return sessions.length === directory.sessions.length ? directory : { ...directory, sessions }
    })
  }
}

/** The sessions that have not expired, with room for one more of this person. */
function leftOf({ sessions }: Directory, name: string, now: number): Session[] {
  const live = sessions.filter(({ expiresAt }) => Date.parse(expiresAt) > now)
  const surplus = live.filter((session) => session.name === name).length - maxSessionsOfPerson + 1
  let dropped = 0

  return live.filter((session) => session.name !== name || ++dropped > surplus)
}
