import { resolve } from 'node:path'
import { maxCommandAudioBytes, type PlayedAudio } from '../media/media-port.ts'
import type { AudioStore } from './audio-store.ts'

/**
 * An audio file as a media server plays it: a short one by its bytes, a long one by its path, which the media server's machine
 * must have, too. Undefined for a file that is not kept.
 */
export async function playedAudio(store: AudioStore, digest: string): Promise<PlayedAudio | undefined> {
  const bytes = await store.get(digest)
  if (!bytes || bytes.length <= maxCommandAudioBytes) return bytes && { bytes }
  const path = await store.path(digest)

  return path === undefined ? undefined : { file: resolve(path) }
}
