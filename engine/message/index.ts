export { hasControl, onOneLine } from './characters.ts'
export { createRequest, createResponse, type RequestParts, requestUriOf, statelessTag } from './create.ts'
export { knownMethods } from './cseq.ts'
export { quote, unquote } from './characters.ts'
export { HeaderLine, type PassedOver, passedOverText, splitList } from './header-line.ts'
export { headerName, headerNames } from './header-names.ts'
export { Message } from './message.ts'
export { formatNameAddr, type NameAddr, parseNameAddr, withoutTag } from './name-addr.ts'
export { Params } from './params.ts'
export {
  defaultLimits,
  framedLength,
  headerLines,
  type MessageLimits,
  parseBad,
  parseMessage,
  type ParseProblem,
} from './parse.ts'
export { BadMessage, Request } from './request.ts'
export { firstLineOf, isChallenge, isSuccess, reasonPhrase, Response, retryAfterSeconds, statusOf } from './response.ts'
export {
  formatHostPort,
  formatUri,
  isSipsUri,
  isSipUri,
  isTelUri,
  parseSipUri,
  parseUri,
  sameUri,
  type SipUri,
} from './uri.ts'
export { allPassedOver, problemOf, validate } from './validate.ts'
export { branchOf, magicCookie, parseVia, receivedOf, type Via } from './via.ts'
