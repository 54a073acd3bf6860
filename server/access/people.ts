import { isDeepStrictEqual } from 'node:util'
import { defined } from '../../base/defined.ts'
import type { KeptDocument } from '../../routes/index.ts'
import { AccessRefused } from './access-refused.ts'
import { changedGrants, mayEverywhere, type GrantChanges, type Grants } from './grants.ts'
import { emptyDirectory, personNamed, type Directory, type Person } from './directory.ts'
import { maxPasswordLength, minPasswordLength, type Passwords } from './passwords.ts'
import type { Role } from './roles.ts'
import { digestOfSecret } from './secrets.ts'

const maxPeople = 1000
/** A session that another one replaces goes on for so long: requests with the old cookie are on their way. */
const replacedSessionMs = 5000

/** A person as the API shows it: without the password. */
export interface PersonView {
  name: string
  role: Role
  /** Left out: all. */
  projects?: string[]
  /** The roles in projects where `role` does not count. */
  projectRoles?: Record<string, Role>
  /** How the person signs in. */
  signsIn: 'password' | 'oidc'
  createdAt: string
  lastSignInAt?: string
  sessions: number
}

/** A person whom an OpenID provider has proved, and what the provider grants. */
export interface ProvedPerson {
  issuer: string
  /** The provider's name of the person, which does not change. */
  id: string
  name: string
  grants: Grants<Role>
  /** Whether the provider decides about projects, too, at each sign-in; otherwise these are set here. */
  decidesProjects: boolean
}

/** The people who may sign in. */
export class People {
  readonly #directory: KeptDocument<Directory>
  readonly #passwords: Passwords
  readonly #hasOtherAdmins: boolean
  readonly #now: () => number

  /** @param hasOtherAdmins there is a way in beside the accounts, such as ADMIN_TOKEN */
  constructor(
    directory: KeptDocument<Directory>,
    passwords: Passwords,
    hasOtherAdmins: boolean,
    now: () => number = Date.now,
  ) {
    this.#directory = directory
    this.#passwords = passwords
    this.#hasOtherAdmins = hasOtherAdmins
    this.#now = now
  }

  list(): PersonView[] {
    const directory = this.#directory.now ?? emptyDirectory

    return directory.people
      .map((person) => viewOf(person, directory, this.#now()))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): PersonView | undefined {
    return shown(this.#directory.now ?? emptyDirectory, name, this.#now())
  }

  async add(name: string, password: string, grants: Grants<Role>): Promise<PersonView> {
    refuseWeak(password, name)
    const hashed = await this.#passwords.hash(password)

    const { after } = await this.#change(name, (directory) => {
      const person = { name, password: hashed, ...changedGrants({ role: grants.role }, grants) }

      return this.#withNew(directory, person, `There is a person ${name} already.`)
    })

    return known(after, name)
  }

  /** Adds a person whom an OpenID provider has proved, or gives a known one what the provider grants. Returns the name. */
  async adopt({ issuer, id, name, grants, decidesProjects }: ProvedPerson): Promise<string> {
    const isSame = ({ subject }: Person) => subject?.issuer === issuer && subject.id === id
    const directory = await this.#directory.change((stored) => {
      const found = stored.people.find(isSame)
      if (found) return withGrants(stored, found.name, decidesProjects ? allOf(grants) : { role: grants.role })
      const person = { name, ...changedGrants(grants, {}), subject: { issuer, id } }

      return this.#withNew(stored, person, `There is another person ${name} already.`)
    })

    return directory.people.find(isSame)?.name ?? name
  }

  async change(name: string, changes: GrantChanges<Role>): Promise<{ before: PersonView; after: PersonView }> {
    const { before, after } = await this.#change(name, (directory) => withGrants(directory, name, changes))

    return { before: known(before, name), after: known(after, name) }
  }

  /**
   * Ends the person's sessions.
   * @param session the one in which persons change their own password: it ends a moment later, when the browser has its next one
   */
  async setPassword(
    name: string,
    password: string,
    session?: string,
  ): Promise<{ before: PersonView; after: PersonView }> {
    refuseWeak(password, name)
    const hashed = await this.#passwords.hash(password)
    const kept = session === undefined ? undefined : digestOfSecret(session)

    const { before, after } = await this.#change(name, (directory) => ({
      ...withPerson(directory, name, (person) => {
        if (person.subject) {
          throw new AccessRefused('no_password', `${name} signs in by OpenID Connect, and has no password here.`)
        }

        return { ...person, password: hashed }
      }),
      sessions: directory.sessions.flatMap((one) => {
        if (one.name !== name) return [one]

        return one.digest === kept ? [{ ...one, expiresAt: this.#soon(one.expiresAt) }] : []
      }),
    }))

    return { before: known(before, name), after: known(after, name) }
  }

  #soon(expiresAt: string): string {
    return new Date(Math.min(Date.parse(expiresAt), this.#now() + replacedSessionMs)).toISOString()
  }

  /** Ends the person's sessions, too. Returns the person as it was. */
  async remove(name: string): Promise<PersonView> {
    const { before } = await this.#change(name, (directory) => {
      known(personNamed(directory, name), name)

      return {
        ...directory,
        people: directory.people.filter((person) => person.name !== name),
        sessions: directory.sessions.filter((session) => session.name !== name),
      }
    })

    return known(before, name)
  }

  /** @param taken what is wrong when another person has the name */
  #withNew(directory: Directory, person: Omit<Person, 'createdAt'>, taken: string): Directory {
    if (personNamed(directory, person.name)) throw new AccessRefused('name_taken', taken)
    if (directory.people.length >= maxPeople) throw new AccessRefused('too_many', `${maxPeople} people are the most.`)
    const createdAt = new Date(this.#now()).toISOString()

    return { ...directory, people: [...directory.people, { ...person, createdAt }] }
  }

  /** Returns the person before and after the change. */
  async #change(
    name: string,
    decide: (directory: Directory) => Directory,
  ): Promise<{ before: PersonView | undefined; after: PersonView | undefined }> {
    let before: PersonView | undefined
    const directory = await this.#directory.change((stored) => {
      before = shown(stored, name, this.#now())
      const after = decide(stored)
      if (!this.#hasOtherAdmins) refuseWithoutAdmin(after)

      return after
    })

    return { before, after: shown(directory, name, this.#now()) }
  }
}

/** Refuses a state in which sign-in is needed, and no person may change that. */
export function refuseWithoutAdmin({ people, tokens }: Directory): void {
  if (people.length + tokens.length === 0 || people.some((person) => mayEverywhere(person, 'admin'))) return
  throw new AccessRefused(
    'last_admin',
    'Without an admin for all projects, no account could change people and tokens: add one first, or set ADMIN_TOKEN.',
  )
}

function refuseWeak(password: string, name: string): void {
  if (password.length >= minPasswordLength && password.length <= maxPasswordLength && password !== name) return
  throw new AccessRefused(
    'weak_password',
    `A password has ${minPasswordLength} to ${maxPasswordLength} characters, and is not the name.`,
  )
}

function known<T>(person: T | undefined, name: string): T {
  if (!person) throw new AccessRefused('unknown_person', `There is no person ${name}.`)

  return person
}

function withPerson(directory: Directory, name: string, edit: (person: Person) => Person): Directory {
  const edited = edit(known(personNamed(directory, name), name))

  return { ...directory, people: directory.people.map((person) => (person.name === name ? edited : person)) }
}

/** The same directory when nothing changes. */
function withGrants(directory: Directory, name: string, changes: GrantChanges<Role>): Directory {
  const { role, projects, projectRoles, ...rest } = known(personNamed(directory, name), name)
  const had = { role, ...defined({ projects, projectRoles }) }
  const has = changedGrants(had, changes)

  return isDeepStrictEqual(had, has) ? directory : withPerson(directory, name, () => ({ ...rest, ...has }))
}

/** The change after which these grants are all that there is. */
function allOf({ role, projects, projectRoles }: Grants<Role>): GrantChanges<Role> {
  return { role, projects: projects ?? null, projectRoles: projectRoles ?? null }
}

function shown(directory: Directory, name: string, now: number): PersonView | undefined {
  const person = personNamed(directory, name)

  return person && viewOf(person, directory, now)
}

function viewOf(
  { name, role, projects, projectRoles, subject, createdAt, lastSignInAt }: Person,
  { sessions }: Directory,
  now: number,
): PersonView {
  return {
    name,
    role,
    ...defined({ projects, projectRoles }),
    signsIn: subject ? 'oidc' : 'password',
    createdAt,
    ...defined({ lastSignInAt }),
    sessions: sessions.filter((session) => session.name === name && Date.parse(session.expiresAt) > now).length,
  }
}
