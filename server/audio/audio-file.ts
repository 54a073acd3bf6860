import { chmodSync, readdirSync } from 'node:fs'
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Other users may read a file whose name they know, and may not list the folder: the names are digests. */
const audioFolderMode = 0o711
const audioFileMode = 0o644
/** The folders under DATA_DIR that a media server reads long audio from, as a user of its own. */
const audioFolders: readonly string[] = ['audio', 'speech']

/** Writes audio that a media server reads, beside the file and renamed: a crash leaves no half of one. */
export async function writeAudioFile(path: string, bytes: Buffer): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  // The umask of the process takes away what the modes of `mkdir` and `writeFile` would give.
  await chmod(folder, audioFolderMode)
  await writeFile(`${path}.new`, bytes)
  await chmod(`${path}.new`, audioFileMode)
  await rename(`${path}.new`, path)
}

/** Lets a media server of another user through to the audio in this data folder, that of an earlier release included. */
export function shareAudio(dataDir: string): void {
  chmodSync(dataDir, audioFolderMode)
  for (const name of audioFolders) {
    const folder = join(dataDir, name)
    try {
      chmodSync(folder, audioFolderMode)
      for (const file of readdirSync(folder)) chmodSync(join(folder, file), audioFileMode)
    } catch {
      // There is no such audio yet, or it is of another user.
    }
  }
}
