export { TargetWatch } from './target-watch.ts'
export { targetView, TargetView } from './target-view.ts'
