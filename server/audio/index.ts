export { openAudioStore, type AudioStore } from './audio-store.ts'
export { readWav } from './wav.ts'
