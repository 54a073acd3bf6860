export { Homer, type HomerOptions } from './homer.ts'
