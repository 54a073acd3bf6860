import { join } from 'node:path'
import type { Settings } from '../config/index.ts'
import { FileStore, RedisStore, type StoreLog, type Store } from '../routes/index.ts'

/** The store of routing tables: Redis with `REDIS_URL`, else files under `DATA_DIR`. Rejects with the folder's name when it cannot be used. */
export function openStore({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<Store> {
  return redisUrl === undefined
    ? FileStore.open({ dir: join(dataDir, 'routes') })
    : RedisStore.open({ url: redisUrl, log })
}
