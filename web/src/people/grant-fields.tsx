import { MultiSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { projectsQuery } from '../api/queries'
import { texts } from '../texts'
import { RoleField } from './fields'

/** What a person or a token may do, as it is edited. */
export interface Grants<R extends string> {
  role: R
  /** None: all. */
  projects: readonly string[]
  projectRoles: Readonly<Record<string, R>>
}

interface GrantFieldsProps<R extends string> {
  /** The roles that there are. */
  roles: readonly R[]
  value: Grants<R>
  change: (grants: Grants<R>) => void
}

/** The role of a person or a token, the projects that the role is for, and another role in some of these. */
export function GrantFields<R extends keyof typeof texts.access.roles>({ roles, value, change }: GrantFieldsProps<R>) {
  const { role, projects, projectRoles } = value
  const known = useQuery(projectsQuery).data ?? []
  const all = [...new Set([...known.map(({ project }) => project), ...projects, ...Object.keys(projectRoles)])]
  const keepRoles = (kept: (project: string) => boolean): Record<string, R> =>
    Object.fromEntries(Object.entries(projectRoles).filter(([project]) => kept(project)))

  return (
    <>
      <RoleField
        roles={roles}
        value={role}
        change={(chosen) => {
          change({ ...value, role: chosen })
        }}
      />
      <MultiSelect
        label={texts.people.projects}
        placeholder={projects.length === 0 ? texts.people.allProjects : ''}
        data={all}
        value={[...projects]}
        onChange={(chosen) => {
          const isGranted = (project: string) => chosen.length === 0 || chosen.includes(project)
          change({ ...value, projects: chosen, projectRoles: keepRoles(isGranted) })
        }}
        comboboxProps={{ withinPortal: false }}
      />
      <MultiSelect
        label={texts.people.exceptions}
        description={texts.people.exceptionsHelp}
        data={projects.length === 0 ? all : [...projects]}
        value={Object.keys(projectRoles)}
        onChange={(chosen) => {
          const added = Object.fromEntries(chosen.map((project) => [project, role])) as Record<string, R>
          change({ ...value, projectRoles: { ...added, ...keepRoles((project) => chosen.includes(project)) } })
        }}
        comboboxProps={{ withinPortal: false }}
      />
      {Object.entries(projectRoles).map(([project, held]) => (
        <RoleField
          key={project}
          label={texts.people.roleIn(project)}
          roles={roles}
          value={held}
          change={(chosen) => {
            change({ ...value, projectRoles: { ...projectRoles, [project]: chosen } })
          }}
        />
      ))}
    </>
  )
}

/** The grants in the body of a request; what is empty is left out. */
export function grantsBody<R extends string>({ role, projects, projectRoles }: Grants<R>) {
  return {
    role,
    ...(projects.length > 0 && { projects: [...projects] }),
    ...(Object.keys(projectRoles).length > 0 && { projectRoles }),
  }
}
