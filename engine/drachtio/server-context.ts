import type { Core } from '../dialog/core.ts'
import type { ServerRequest } from '../dialog/index.ts'
import type { CallReports } from './call-reports.ts'
import type { ApplicationDialogs } from './application-dialogs.ts'
import type { Proxy } from './proxy/proxy.ts'
import type { Registrations } from './registrations.ts'
import type { ApplicationSubscribe } from './subscriptions.ts'
import type { PendingRequests } from './pending-requests.ts'

/** What every part that handles SIP for applications works with. */
export interface ServerContext {
  readonly core: Core
  readonly pending: PendingRequests
  readonly dialogs: ApplicationDialogs
  /** SUBSCRIBEs that wait for their final response, by the id of the dialog that they will make. */
  readonly subscribing: Map<string, ApplicationSubscribe>
  readonly registrations: Registrations
  /** Requests that are being passed on. */
  readonly proxies: Set<Proxy>
  readonly reports: CallReports
  /** Who refreshes a session when the peer that wants it refreshed does not say (RFC 4028). */
  readonly defaultRefresher: 'none' | 'uac' | 'uas'
  /** Where requests outside dialogs go that name no route. */
  readonly outboundProxy: string | undefined
  /** Whether peers are answered where they come from when their Contact is another address. */
  readonly detectsNat: boolean
  /** Whether a request to this URI would come back to us. */
  isOwnUri(uri: string): boolean
  /** An exception that nobody else catches: a defect of ours, which ends nothing. */
  defect(error: unknown): void
  /** Hands a request that came in no dialog to an application that takes its method. */
  route(request: ServerRequest): void
}
