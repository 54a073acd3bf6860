import { join } from 'node:path'
import type { Settings } from '../config/index.ts'
import { FileStore, RedisStore, type StoreLog, type Store } from '../routes/index.ts'

/** Where the settings say that routing tables are kept. Rejects, naming the folder, when it cannot be used. */
export function openStore({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<Store> {
  return redisUrl === undefined
    ? FileStore.open({ dir: join(dataDir, 'routes') })
    : RedisStore.open({ url: redisUrl, log })
}
