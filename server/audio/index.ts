export { openAudioStore, type AudioStore } from './audio-store.ts'
export { openAudio, UnusedAudio } from './unused-audio.ts'
export { playedAudio } from './played-audio.ts'
export { readWav } from './wav.ts'
