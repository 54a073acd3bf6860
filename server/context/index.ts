export { Contexts } from './contexts.ts'
export type { ContextView } from './context-store.ts'
