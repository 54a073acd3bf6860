export { FilteringStack } from './filtering-stack.ts'
export { restoredDialog } from './restored-dialog.ts'
