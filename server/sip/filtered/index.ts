export { FilteringStack, restoredDialog } from './filtering-stack.ts'
