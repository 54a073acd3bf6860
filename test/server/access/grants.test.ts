import assert from 'node:assert/strict'
import fc from 'fast-check'
import { grantsOf } from '../../../server/access/oidc.ts'
import { changedGrants, mayAnywhere, mayEverywhere, roleIn, type Grants } from '../../../server/access/grants.ts'
import { permits, roles, tokenRoles, type Role, type RouteAccess } from '../../../server/access/roles.ts'

const names = ['hotel', 'spa', 'demo', 'constructor', 'toString']
const accesses: RouteAccess[] = ['transfer', 'context', ...roles]
const anyGrants: fc.Arbitrary<Grants> = fc.record(
  {
    role: fc.constantFrom(...tokenRoles),
    projects: fc.subarray(names),
    projectRoles: fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...tokenRoles)),
  },
  { requiredKeys: ['role'] },
)

describe('what a person or a token may do in a project', () => {
  it('is what the role of that project allows, else the role, and nothing in other projects', () => {
    const bob: Grants = { role: 'viewer', projects: ['hotel', 'spa'], projectRoles: { hotel: 'publisher' } }
    assert.deepEqual(
      ['hotel', 'spa', 'demo'].map((project) => roleIn(bob, project)),
      ['publisher', 'viewer', undefined],
    )
    const vera: Grants = { role: 'viewer', projectRoles: { hotel: 'operator' } }
    assert.deepEqual(
      ['hotel', 'spa', 'constructor', '__proto__', ''].map((project) => roleIn(vera, project)),
      ['operator', 'viewer', 'viewer', 'viewer', 'viewer'],
    )
  })

  it('is never more where the grants say nothing of the project, and all of it where it may everywhere', () => {
    fc.assert(
      fc.property(anyGrants, fc.constantFrom(...names), fc.constantFrom(...accesses), (grants, project, access) => {
        const role = roleIn(grants, project)
        if (grants.projects && !grants.projects.includes(project)) assert.equal(role, undefined)
        const may = role !== undefined && permits(role, access)
        if (mayEverywhere(grants, access)) assert.ok(may)
        if (may) assert.ok(mayAnywhere(grants, access))
      }),
    )
  })

  it('of all projects is no admin’s with a lesser role in one, and no person’s with a higher role in one', () => {
    assert.equal(mayEverywhere({ role: 'admin' }, 'admin'), true)
    assert.equal(mayEverywhere({ role: 'admin', projectRoles: { hotel: 'viewer' } }, 'admin'), false)
    assert.equal(mayEverywhere({ role: 'admin', projects: ['hotel'] }, 'viewer'), false)
    assert.equal(mayEverywhere({ role: 'viewer', projectRoles: { hotel: 'admin' } }, 'operator'), false)
    assert.equal(mayEverywhere({ role: 'viewer', projectRoles: { hotel: 'admin' } }, 'viewer'), true)
  })

  it('changes field by field; a project that is taken away takes its role along', () => {
    const had: Grants<Role> = { role: 'viewer', projects: ['hotel', 'spa'], projectRoles: { hotel: 'operator' } }
    assert.deepEqual(changedGrants(had, {}), had)
    assert.deepEqual(changedGrants(had, { projects: ['spa'] }), { role: 'viewer', projects: ['spa'] })
    assert.deepEqual(changedGrants(had, { projects: null }), { role: 'viewer', projectRoles: { hotel: 'operator' } })
    assert.deepEqual(changedGrants(had, { role: 'publisher', projectRoles: null }), {
      ...{ role: 'publisher', projects: ['hotel', 'spa'] },
    })
    assert.throws(() => changedGrants(had, { projectRoles: { demo: 'admin' } }), {
      slug: 'stray_role',
      detail: /^\/projectRoles\/demo: demo is not one of projects/,
    })
  })
})

describe('what the groups of an OpenID provider grant', () => {
  const settings = {
    roleClaim: 'groups',
    roles: [
      { value: 'staff', role: 'operator' as const },
      { value: 'desk', role: 'viewer' as const, project: 'hotel' },
      { value: 'managers', role: 'publisher' as const, project: 'hotel' },
      { value: 'spa', role: 'operator' as const, project: 'spa' },
    ],
  }
  const granted = (groups: unknown, defaultRole?: Role) =>
    grantsOf({ groups }, { ...settings, ...(defaultRole && { defaultRole }) })?.grants

  it('is a role in the projects that they name, and in all for a group that names none', () => {
    assert.deepEqual(granted(['desk', 'spa']), {
      ...{ role: 'viewer', projects: ['hotel', 'spa'], projectRoles: { hotel: 'viewer', spa: 'operator' } },
    })
    assert.deepEqual(granted(['staff']), { role: 'operator', projectRoles: {} })
    assert.equal(granted(['others', 7, null]), undefined)
    assert.equal(granted(undefined), undefined)
  })

  it('is the highest of those that count in a project', () => {
    const highest = { role: 'operator', projectRoles: { hotel: 'publisher' } }
    assert.deepEqual(granted(['managers', 'desk', 'staff']), highest)
    assert.deepEqual(granted(['desk', 'staff']), { role: 'operator', projectRoles: { hotel: 'operator' } })
    assert.deepEqual(granted('managers', 'viewer'), { role: 'viewer', projectRoles: { hotel: 'publisher' } })
  })
})
