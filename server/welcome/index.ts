export { paintFor } from './welcome-text.ts'
export { welcome } from './welcome.ts'
