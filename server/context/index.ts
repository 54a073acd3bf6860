export { Contexts } from './contexts.ts'
export { ContextView, maxContextBytes } from './context-view.ts'
