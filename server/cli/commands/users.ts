import { Option, type Command } from 'commander'
import { defined } from '../../../base/defined.ts'
import type { Accounts, PersonView, Role } from '../../access/index.ts'
import { roles } from '../../access/roles.ts'
import { settingsOf, type CommandIo } from '../command-context.ts'
import { userName } from '../api-client.ts'
import { CommandFailure } from '../api-request.ts'
import { columns } from '../terminal-text.ts'

interface UserOptions {
  role?: Role
  projects?: string[]
  /** false: the role counts in all projects. */
  projectRoles?: Record<string, Role> | false
  allProjects?: true
  passwordStdin?: true
  json?: true
}

/** `baton users …`: the people who may sign in, in the store itself: a running Baton follows within a second. */
export function usersCommands(program: Command, io: CommandIo): void {
  const users = program.command('users').description('people who may sign in: add, list, role, set-password, remove')
  const role = () => new Option('--role <role>', 'what the person may do').choices([...roles])
  const projects = () =>
    new Option('--projects <names>', 'only these, with commas between').argParser((text) => text.split(','))
  const projectRoles = () =>
    new Option('--project-roles <list>', 'another role in some projects, such as hotel:operator,spa:viewer').argParser(
      readProjectRoles,
    )
  const stdin = [
    '--password-stdin',
    'read the password from standard input (default: one is made and printed)',
  ] as const

  withAccounts(
    io,
    users
      .command('add <name>')
      .description('add a person; the first one must be an admin')
      .addOption(role().default('viewer'))
      .addOption(projects())
      .addOption(projectRoles())
      .option(...stdin),
    async ({ people }, name, { role: chosen = 'viewer', projects: some, projectRoles: roleOf, passwordStdin }) => {
      const { password, made } = await passwordFor(io, passwordStdin)
      const person = await people.add(name, password, {
        role: chosen,
        ...defined({ projects: some, projectRoles: roleOf === false ? undefined : roleOf }),
      })

      return { answer: { person, ...made }, text: `Added ${name}, ${chosen}.\n${passwordText(made)}` }
    },
  )

  withAccounts(io, users.command('list', { isDefault: true }).description('every person'), ({ people }) => {
    const list = people.list()

    return Promise.resolve({ answer: { people: list }, text: peopleText(list) })
  })

  withAccounts(
    io,
    users
      .command('role <name> [role]')
      .description(`change what a person may do: ${roles.join(', ')}`)
      .addOption(projects())
      .addOption(projectRoles())
      .option('--all-projects', 'no longer only some projects')
      .option('--no-project-roles', 'no longer another role in some projects'),
    async ({ people }, name, { projects: some, allProjects, projectRoles: roleOf }, chosen) => {
      if (chosen !== undefined && !isRole(chosen)) {
        throw new CommandFailure(`There is no role ${chosen}; there are ${roles.join(', ')}.`)
      }
      const { after } = await people.change(name, {
        ...defined({
          role: chosen,
          projects: allProjects ? null : some,
          projectRoles: roleOf === false ? null : roleOf,
        }),
      })

      return { answer: { person: after }, text: peopleText([after]) }
    },
  )

  withAccounts(
    io,
    users
      .command('set-password <name>')
      .description('set a person’s password, which ends the person’s sessions')
      .option(...stdin),
    async ({ people }, name, { passwordStdin }) => {
      const { password, made } = await passwordFor(io, passwordStdin)
      await people.setPassword(name, password)

      return { answer: { name, ...made }, text: `Set the password of ${name}.\n${passwordText(made)}` }
    },
  )

  withAccounts(io, users.command('remove <name>').description('remove a person'), async ({ people }, name) => {
    await people.remove(name)

    return { answer: { removed: name }, text: `Removed ${name}.\n` }
  })
}

function withAccounts(
  io: CommandIo,
  command: Command,
  act: (
    accounts: Accounts,
    name: string,
    options: UserOptions,
    second?: string,
  ) => Promise<{ answer: object; text: string }>,
): void {
  command.option('--json', 'print JSON').action(async (...given: unknown[]) => {
    const options = command.opts<UserOptions>()
    const [name = '', second] = given.slice(0, -2) as (string | undefined)[]
    const { openAccounts, AccessRefused } = await import('../../access/index.ts')
    const { Audit } = await import('../../audit/index.ts')
    const settings = await settingsOf(io)
    const [accounts, audit] = [await openAccounts(settings, logTo(io)), await Audit.open(settings, logTo(io))]
    const before = accounts.people.list().find((person) => person.name === name)
    try {
      const { answer, text } = await act(accounts, name, options, second)
      const after = accounts.people.list().find((person) => person.name === name)
      if (command.name() !== 'list') {
        const at = new Date().toISOString()
        const action = `users ${command.name()} ${name}`
        audit.record({
          at,
          who: userName(),
          kind: 'open',
          from: 'cli',
          action,
          result: 'done',
          ...defined({ before, after }),
        })
      }
      io.out(options.json ? `${JSON.stringify(answer, null, 2)}\n` : text)
    } catch (error) {
      throw error instanceof AccessRefused ? new CommandFailure(error.detail) : error
    } finally {
      await accounts.close()
      await audit.close()
    }
  })
}

function logTo(io: CommandIo) {
  const warn = (message: string): void => io.err(`${message}\n`)

  return { info: () => undefined, warn, error: warn }
}

/** The password from standard input, or one that is made, and printed once. */
async function passwordFor(io: CommandIo, isGiven = false): Promise<{ password: string; made: { password?: string } }> {
  if (isGiven) return { password: (await io.input?.())?.replace(/\r?\n$/, '') ?? '', made: {} }
  const { randomSecret } = await import('../../access/index.ts')
  const password = randomSecret().slice(0, 20)

  return { password, made: { password } }
}

function passwordText({ password }: { password?: string }): string {
  return password === undefined ? '' : `Password, shown this once: ${password}\n`
}

function peopleText(people: readonly PersonView[]): string {
  if (people.length === 0) return 'There is no person yet. Add an admin: npx baton users add NAME --role admin\n'

  return columns(
    ['NAME', 'ROLE', 'PROJECTS', 'SIGNS IN BY', 'LAST SIGN-IN', 'SESSIONS'],
    people.map(({ name, role, projects, projectRoles = {}, signsIn, lastSignInAt, sessions }) => [
      ...[name, role, projectsText(projects, projectRoles), signsIn, lastSignInAt ?? 'never', sessions],
    ]),
  )
}

/** `all hotel:operator`; a project without a role has that of the person. */
function projectsText(projects: readonly string[] | undefined, projectRoles: Readonly<Record<string, Role>>): string {
  const others = Object.entries(projectRoles).map(([project, role]) => `${project}:${role}`)
  const plain = projects?.filter((project) => !Object.hasOwn(projectRoles, project)) ?? ['all']

  return [...plain, ...others].join(' ')
}

/** @throws CommandFailure for a pair that is no `project:role` */
function readProjectRoles(text: string): Record<string, Role> {
  const pairs = text.split(',').map((pair) => {
    const [project = '', role = '', ...rest] = pair.split(':')
    if (project === '' || rest.length > 0 || !isRole(role)) {
      throw new CommandFailure(
        `--project-roles: "${pair}" is not project:role, such as hotel:operator; roles are ${roles.join(', ')}.`,
      )
    }

    return [project, role] as const
  })

  return Object.fromEntries(pairs)
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text)
}
