import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { PasswordHash } from './passwords.ts'
import { roles, tokenRoles } from './roles.ts'

const Projects = Type.Optional(Type.Array(Type.String()))

const Person = Type.Object({
  name: Type.String(),
  role: Type.Enum([...roles]),
  projects: Projects,
  projectRoles: Type.Optional(Type.Record(Type.String(), Type.Enum([...roles]))),
  /** Local accounts only. */
  password: Type.Optional(PasswordHash),
  /** The issuer and the subject of OpenID Connect, by which a sign-in finds its person. */
  subject: Type.Optional(Type.Object({ issuer: Type.String(), id: Type.String() })),
  createdAt: Type.String(),
  lastSignInAt: Type.Optional(Type.String()),
})

const ApiToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum([...tokenRoles]),
  projects: Projects,
  projectRoles: Type.Optional(Type.Record(Type.String(), Type.Enum([...tokenRoles]))),
  /** SHA-256 of the token, in hexadecimal. */
  digest: Type.String(),
  createdAt: Type.String(),
  createdBy: Type.String(),
  expiresAt: Type.Optional(Type.String()),
  lastUsedAt: Type.Optional(Type.String()),
  lastUsedFrom: Type.Optional(Type.String()),
})

const Session = Type.Object({
  /** SHA-256 of the cookie, in hexadecimal. */
  digest: Type.String(),
  name: Type.String(),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  /** Written once a minute. */
  lastUsedAt: Type.Optional(Type.String()),
})

/** All that is stored of people, tokens and sessions: one document, which every change replaces whole. */
const Directory = Type.Object({
  schema: Type.Literal(1),
  people: Type.Array(Person),
  tokens: Type.Array(ApiToken),
  sessions: Type.Array(Session),
})

export type Person = Static<typeof Person>
export type ApiToken = Static<typeof ApiToken>
export type Session = Static<typeof Session>
export type Directory = Static<typeof Directory>

export const emptyDirectory: Directory = { schema: 1, people: [], tokens: [], sessions: [] }

const compiled = Compile(Directory)

/** Undefined for a text that is no directory. */
export function readDirectory(text: string): Directory | undefined {
  try {
    const value: unknown = JSON.parse(text)

    return compiled.Check(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function personNamed({ people }: Pick<Directory, 'people'>, name: string): Person | undefined {
  return people.find((person) => person.name === name)
}
