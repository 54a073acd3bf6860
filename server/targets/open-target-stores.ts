import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import { DocumentFiles, DocumentRedis, KeptDocument, openRedis, type StoreLog } from '../../routes/index.ts'
import { noneTakenOut, readTakenOut, type TakenOut } from './taken-out.ts'
import { RedisPeers, type TargetPeers } from './target-peers.ts'

/** What is kept of targets outside this process. */
export interface TargetStores {
  takenOut: KeptDocument<TakenOut>
  /** Undefined without Redis. */
  peers: TargetPeers | undefined
  /** Idempotent. */
  close(): void
}

/** Opens them where Baton keeps its tables: in Redis with REDIS_URL, else in files under DATA_DIR. */
export async function openTargetStores({ redisUrl, dataDir }: Settings, log: StoreLog): Promise<TargetStores> {
  const [redis, peers] =
    redisUrl === undefined ? [] : await Promise.all([openRedis(redisUrl), RedisPeers.open(redisUrl)])
  const takenOut = await KeptDocument.open({
    store: redis
      ? new DocumentRedis(redis.client, 'baton:targets')
      : new DocumentFiles(join(dataDir, 'targets'), 'taken-out'),
    ...{ log, what: 'disabled and draining targets', empty: noneTakenOut, read: readTakenOut },
    lastGoodFile: redis && join(dataDir, 'last-good', 'targets.json'),
  })

  return {
    ...{ takenOut, peers },
    close: () => {
      takenOut.close()
      redis?.close()
      peers?.close()
    },
  }
}
