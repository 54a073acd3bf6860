export { type Clock, isoTime, momentOf, type Timer, TimerWheel, wallTime } from './clock/index.ts'
export {
  defaultPort,
  type Endpoint,
  type FailedResponse,
  type Flow,
  formatEndpoint,
  isPrivateAddress,
  isSecure,
  networkOf,
  type NextHopAddresses,
  type Target,
  type Transport,
  transportNamed,
  transportNames,
} from './flow/index.ts'
export * from './message/index.ts'
export { type Dns, FailedTargets, Resolver } from './next-hop/index.ts'
export { type Machine, ignore, machine, to } from './state-machine.ts'
export { defaultTimers } from './transaction/index.ts'
export {
  anyAddress,
  defaultSettings,
  type FarSide,
  ResponseCounts,
  type SourceLimits,
  type SourcePolicy,
  speaksFor,
  type Traced,
  UnwiredTransports,
  withInheritedSockets,
} from './transport/index.ts'
export {
  challenges,
  type CredentialsFor,
  DigestSession,
  type DigestUser,
  judge as judgeCredentials,
  masked,
  type NextHop,
  Nonces,
  RequestAuthorization,
} from './digest/index.ts'
export { LoopLag, OverloadBrake } from './overload/index.ts'
export { BoundedMap } from './bounded-map.ts'
export { copyText } from './bounded-map.ts'
export { boundHttpServer, defaultHttpBounds, KeptText, type HttpBounds } from './http/index.ts'
export { randomToken } from './random.ts'
export {
  type Additions,
  type ClientInvite,
  type Dialog,
  type DialogEnd,
  dialogId,
  type DialogState,
  type DialogUser,
  endsDialog,
  type FlowReuse,
  glareDelayMs,
  type HeaderList,
  InitialInvite,
  type InviteUser,
  type KeptDialog,
  type KeptInvite,
  ReferredDialogs,
  parseSessionExpires,
  noDialogUser,
  noop,
  noRequestUser,
  overlapRefusal,
  parseReplaces,
  raisedInterval,
  refreshTarget,
  remoteTargetIn,
  type ReplaceableDialog,
  type Replaces,
  type RequestUser,
  type ResponseOptions,
  retrySoon,
  routeOf,
  ServerInvite,
  type ServerRequest,
  type StackReason,
  takeoverRefusal,
  takeRemoteCSeq,
  targetRefreshers,
  tooShortSession,
  uacDialog,
  uasDialog,
  understandsReplaces,
} from './dialog/index.ts'
export * from './user-agent/index.ts'
