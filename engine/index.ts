export * from './message/index.ts'
export { type Machine, type Transition, ignore, machine, to } from './transaction/machine.ts'
export {
  type Clock,
  defaultTimers,
  isoTime,
  type Timer,
  type TimerValues,
  TimerWheel,
  wallTime,
} from './transaction/index.ts'
export {
  anyAddress,
  defaultPort,
  type Endpoint,
  type FarSide,
  type Flow,
  formatEndpoint,
  type Listener,
  type Dns,
  type ListenOptions,
  Resolver,
  ResponseCounts,
  type SourceLimits,
  type SourcePolicy,
  speaksFor,
  type Target,
  type Traced,
  type Transport,
  type TransportSettings,
  UnwiredTransports,
} from './transport/index.ts'
export {
  type ChallengeAlgorithm,
  challenges,
  type Credentials,
  type CredentialsFor,
  DigestSession,
  type DigestUser,
  judge as judgeCredentials,
  type NextHop,
  Nonces,
  RequestAuthorization,
} from './digest/index.ts'
export { type BrakeOptions, LoopLag, OverloadBrake, type OverloadReason } from './overload/index.ts'
export { BoundedMap } from './bounded-map.ts'
export { flat } from './flat.ts'
export {
  boundHttpServer,
  defaultHttpBounds,
  httpCutOffs,
  KeptText,
  sourceOf,
  type HttpBounds,
  type HttpCutOff,
} from './http/index.ts'
export { randomToken } from './random.ts'
export {
  type Additions,
  ClientInvite,
  ClientRequest,
  type Dialog,
  type DialogEnd,
  type DialogUser,
  type FlowReuse,
  type HeaderList,
  InitialInvite,
  type InviteUser,
  type ReplaceableDialog,
  noDialogUser,
  parseReplaces,
  takeoverRefusal,
  type Replaces,
  type RequestUser,
  type ResponseOptions,
  remoteTargetIn,
  requestRoute,
  ServerInvite,
  ServerRequest,
  type StackReason,
  understandsReplaces,
} from './dialog/index.ts'
export * from './user-agent/index.ts'
