import { asPlayed, type AudioSources } from '../media/media-port.ts'
import type { AudioStore } from './audio-store.ts'
import type { Speech } from './speech.ts'

/** The files of the store, and the texts of the speech endpoint where the site names one. */
export function audioSources(store: AudioStore, speech: Speech | undefined): AudioSources {
  return {
    file: async (digest) => {
      const bytes = await store.get(digest)
      const path = bytes && (await store.path(digest))

      return bytes && path !== undefined ? asPlayed(bytes, path) : undefined
    },
    spoken: (text) =>
      speech ? speech.spoken(text) : Promise.resolve({ problem: 'SPEECH_URL names no endpoint that speaks a text' }),
  }
}
