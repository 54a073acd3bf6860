export { Homer } from './homer.ts'
