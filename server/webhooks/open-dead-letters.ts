import { join } from 'node:path'
import type { Settings } from '../../config/index.ts'
import type { DeadLetterStore } from './dead-letter.ts'
import { DeadLetterFile } from './dead-letter-file.ts'
import { DeadLetterRedis } from './dead-letter-redis.ts'
import { DeadLetters, type DeadLettersOptions } from './dead-letters.ts'

/** The dead letters, kept in Redis where there is one, else under `DATA_DIR`. */
export async function openDeadLetters(
  { redisUrl, dataDir }: Settings,
  options: Omit<DeadLettersOptions, 'store'>,
): Promise<DeadLetters> {
  const store: DeadLetterStore =
    redisUrl === undefined
      ? new DeadLetterFile(join(dataDir, 'webhooks', 'dead-letters.jsonl'))
      : await DeadLetterRedis.open(redisUrl)

  return DeadLetters.open({ ...options, store })
}
