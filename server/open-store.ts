import type { Settings } from '../config/index.ts'
import { FileStore, type Log, type Store } from '../routes/index.ts'

/** Where the settings say that routing tables are kept. Rejects, naming the folder, when it cannot be used. */
export function openStore(settings: Settings, log: Log): Promise<Store> {
  return FileStore.open({ dir: settings.dataDir, log })
}
