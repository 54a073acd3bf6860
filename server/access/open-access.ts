import { join } from 'node:path'
import { defined } from '../../base/defined.ts'
import type { Settings } from '../../config/index.ts'
import { DocumentFiles, DocumentRedis, KeptDocument, openRedis, type StoreLog } from '../../routes/index.ts'
import { Access } from './access.ts'
import { ApiTokens } from './api-tokens.ts'
import { ConfiguredTokens } from './configured-tokens.ts'
import { emptyDirectory, readDirectory } from './directory.ts'
import { LastUses } from './last-uses.ts'
import { Oidc } from './oidc.ts'
import { Passwords } from './passwords.ts'
import { People } from './people.ts'
import { Sessions } from './sessions.ts'

/** Who may use the API, and how that is changed. */
export interface Accounts {
  access: Access
  people: People
  tokens: ApiTokens
  sessions: Sessions
  /** Set where OIDC_ISSUER is. */
  oidc?: Oidc
  /** Idempotent. */
  close(): Promise<void>
}

/** Opens people, tokens and sessions where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
export async function openAccounts(settings: Settings, log: StoreLog): Promise<Accounts> {
  const { http, redisUrl, dataDir } = settings
  const redis = redisUrl === undefined ? undefined : await openRedis(redisUrl)
  const directory = await KeptDocument.open({
    store: redis
      ? new DocumentRedis(redis.client, 'baton:access')
      : new DocumentFiles(join(dataDir, 'access'), 'directory'),
    ...{ log, what: 'people, tokens and sessions', empty: emptyDirectory, read: readDirectory },
    lastGoodFile: redis && join(dataDir, 'last-good', 'access.json'),
  })
  const configured = new ConfiguredTokens(http.adminToken, http.tokens)
  const uses = new LastUses(directory)
  const sessionIdleMs = http.sessionIdle === 0 ? Infinity : http.sessionIdle * 1000
  const access = new Access({
    configured,
    directory,
    ...{ uses, sessionIdleMs },
    required: http.signIn === 'required' || http.oidc !== undefined,
  })
  const hasOtherAdmins = configured.size > 0 || http.oidc !== undefined
  const passwords = new Passwords()

  return {
    access,
    people: new People(directory, passwords, hasOtherAdmins),
    tokens: new ApiTokens(directory, uses, hasOtherAdmins),
    sessions: new Sessions(directory, passwords, uses, {
      ...{ lifetimeMs: http.sessionLifetime * 1000, idleMs: sessionIdleMs },
    }),
    ...defined({ oidc: http.oidc && new Oidc(http.oidc) }),
    close: async () => {
      await access.close()
      redis?.close()
    },
  }
}
