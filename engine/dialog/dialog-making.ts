import type { Flow } from '../flow/index.ts'
import { headerNames, type Request, type Response } from '../message/index.ts'
import { copyText } from '../copy-text.ts'
import type { Core } from './core.ts'
import { Dialog } from './dialog.ts'
import { remoteTargetIn } from './dialog-state.ts'

/** The dialog that a 1xx or 2xx to our INVITE makes (RFC 3261 12.1.2); `fallbackTarget` if its Contact is no SIP URI. */
export function dialogOfResponse(
  core: Core,
  response: Response,
  contact: string,
  fallbackTarget: string,
  flow?: Flow,
): Dialog {
  return new Dialog(core, {
    callId: response.callId,
    localTag: response.fromTag ?? '',
    remoteTag: copyText(response.toTag ?? ''),
    local: response.header(headerNames.from) ?? '',
    remote: response.header(headerNames.to) ?? '',
    localCSeq: response.cseq?.number ?? 0,
    remoteCSeq: undefined,
    remoteTarget: remoteTargetIn(response) ?? fallbackTarget,
    routeSet: response.list(headerNames.recordRoute).reverse(),
    contact,
    flow,
  })
}

/** The dialog that our 1xx or 2xx to an INVITE makes (RFC 3261 12.1.1). */
export function dialogOfRequest(core: Core, request: Request, localTag: string, contact: string, flow?: Flow): Dialog {
  return new Dialog(core, {
    callId: request.callId,
    localTag,
    remoteTag: copyText(request.fromTag ?? ''),
    local: `${request.header(headerNames.to) ?? ''};tag=${localTag}`,
    remote: request.header(headerNames.from) ?? '',
    localCSeq: 0,
    remoteCSeq: request.cseq?.number,
    remoteTarget: request.contact?.uri ?? '',
    routeSet: request.list(headerNames.recordRoute),
    contact,
    flow,
  })
}
