export type { ClosedTarget, TargetCall, TargetHealth } from './target-call.ts'
export type { WatchedTarget } from './target.ts'
export { TargetWatch } from './target-watch.ts'
export { targetView, TargetView } from './target-view.ts'
