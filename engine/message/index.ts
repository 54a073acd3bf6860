export { BadMessage } from './bad-message.ts'
export { hasControl, onOneLine } from './characters.ts'
export { createRequest, createResponse, type RequestParts, requestUriOf } from './create.ts'
export { type CSeq, parseCSeq } from './cseq.ts'
export { HeaderLine } from './header-line.ts'
export { type HeaderName, headerName, headerNames } from './header-names.ts'
export { formatHostPort, type HostPort, parseHostPort } from './host-port.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { firstOfList, splitList } from './lists.ts'
export { masked } from './masked.ts'
export { Message } from './message.ts'
export { knownMethods } from './methods.ts'
export { formatNameAddr, type NameAddr, parseNameAddr, withoutTag } from './name-addr.ts'
export { Params } from './params.ts'
export { framedLength, parseBad, parseMessage, type Problem } from './parse.ts'
export { type PassedOver, passedOverText } from './passed-over.ts'
export { quote, unquote } from './quoted-string.ts'
export { reasonPhrase } from './reason-phrases.ts'
export { Request } from './request.ts'
export { isSuccess, Response } from './response.ts'
export { firstLineOf, statusOf } from './sipfrag.ts'
export { statelessTag } from './stateless-tag.ts'
export { parseTelUri, type TelUri } from './tel-uri.ts'
export {
  formatUri,
  isSipUri,
  isTelUri,
  type OtherUri,
  parseSipUri,
  parseUri,
  type SipUri,
  type SipUriParts,
  type Uri,
} from './uri.ts'
export { sameUri } from './uri-equality.ts'
export { allPassedOver, problemOf, type Refusal, validate } from './validate.ts'
export { branchOf, formatVia, magicCookie, parseVia, receivedOf, type Via } from './via.ts'
