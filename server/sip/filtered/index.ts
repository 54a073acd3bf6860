export { FilteredDialog } from './filtered-dialog.ts'
export { FilteringStack } from './filtering-stack.ts'
