import type { KeptDocument } from '../../routes/index.ts'
import { AccessRefused } from './access-refused.ts'
import { emptyDirectory, personNamed, type Directory, type Person, type Session } from './directory.ts'
import { usesWriteIntervalMs, type LastUses } from './last-uses.ts'
import type { Passwords } from './passwords.ts'
import { digestOfSecret, randomSecret } from './secrets.ts'

/** Sessions of one person; the oldest ends when one more begins. */
const maxSessionsOfPerson = 20

export interface OpenedSession {
  /** The cookie's value; stored hashed only. */
  secret: string
  expiresAt: string
}

/** Sign-in and sign-out. A session ends at a fixed time after it began, and before when it was not used for long. */
export class Sessions {
  readonly #directory: KeptDocument<Directory>
  readonly #passwords: Passwords
  readonly #lifetimeMs: number
  readonly #idleMs: number
  readonly #uses: LastUses
  readonly #now: () => number

  constructor(
    directory: KeptDocument<Directory>,
    passwords: Passwords,
    uses: LastUses,
    { lifetimeMs, idleMs }: { lifetimeMs: number; idleMs: number },
    now: () => number = Date.now,
  ) {
    this.#directory = directory
    this.#passwords = passwords
    this.#uses = uses
    this.#lifetimeMs = lifetimeMs
    this.#idleMs = idleMs
    this.#now = now
  }

  /** Throws the same refusal, after the same time, for a wrong password and a name that is not known. */
  async signIn(name: string, password: string): Promise<OpenedSession> {
    const person = this.#person(name)
    if (!(await this.#passwords.matches(password, person?.password))) throw wrongPassword()

    // The password may have been changed while it was being checked, and the person removed.
    return this.#begin(name, ({ password: stored }) => stored?.hash === person?.password?.hash)
  }

  /** Whether it is the person's password. */
  matches(name: string, password: string): Promise<boolean> {
    return this.#passwords.matches(password, this.#person(name)?.password)
  }

  /** Begins a session of a person whose identity has been proved. */
  begin(name: string): Promise<OpenedSession> {
    return this.#begin(name, () => true)
  }

  #person(name: string): Person | undefined {
    return personNamed(this.#directory.now ?? emptyDirectory, name)
  }

  async #begin(name: string, isProved: (person: Person) => boolean): Promise<OpenedSession> {
    const now = this.#now()
    const [createdAt, expiresAt] = [now, now + this.#lifetimeMs].map((at) => new Date(at).toISOString()) as [
      string,
      string,
    ]
    const secret = randomSecret()
    const session: Session = { digest: digestOfSecret(secret), name, createdAt, expiresAt }
    await this.#directory.change((directory) => {
      const found = personNamed(directory, name)
      if (!found || !isProved(found)) throw wrongPassword()

      return {
        ...directory,
        people: directory.people.map((person) => (person === found ? { ...person, lastSignInAt: createdAt } : person)),
        sessions: [...this.#leftOf(directory, name, now), session],
      }
    })

    return { secret, expiresAt }
  }

  async end(secret: string): Promise<void> {
    const digest = digestOfSecret(secret)
    await this.#without((session) => session.digest === digest)
  }

  async endAll(name: string): Promise<void> {
    await this.#without((session) => session.name === name)
  }

  /** The sessions that have not ended, with room for one more of this person. */
  #leftOf({ sessions }: Directory, name: string, now: number): Session[] {
    const live = sessions.filter((session) => !hasEnded(session, now, this.#idleMs, this.#uses))
    const surplus = live.filter((session) => session.name === name).length - maxSessionsOfPerson + 1
    let dropped = 0

    return live.filter((session) => session.name !== name || ++dropped > surplus)
  }

  async #without(isEnded: (session: Session) => boolean): Promise<void> {
    await this.#directory.change((directory) => {
      const sessions = directory.sessions.filter((session) => !isEnded(session))

      return sessions.length === directory.sessions.length ? directory : { ...directory, sessions }
    })
  }
}

function wrongPassword(): AccessRefused {
  return new AccessRefused('wrong_password', 'The name or the password is wrong.')
}

/** Whether a session is over. What another Baton knows of its use may be as old as the interval in which uses are written. */
export function hasEnded(session: Session, now: number, idleMs: number, uses: LastUses | undefined): boolean {
  if (Date.parse(session.expiresAt) <= now) return true

  return uses !== undefined && now - uses.lastUseOf(session) > idleMs + usesWriteIntervalMs
}
