export { Recovery } from './recovery.ts'
