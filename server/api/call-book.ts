import type { CallBook, CallHandle } from './parts.ts'
import type { Call } from '../calls/call.ts'
import { callView } from '../calls/call-view.ts'
import type { Calls } from '../calls/calls.ts'

/** The calls as the API sees them. */
export function callBook(calls: Calls): CallBook {
  return {
    list: ({ state, project, environment, limit }) =>
      calls
        .list()
        .filter(
          (call) =>
            (state === undefined || call.state === state) &&
            (project === undefined || call.project === project) &&
            (environment === undefined || call.environment === environment),
        )
        .slice(0, limit)
        .map(handle),
    get: (id) => {
      const call = calls.get(id)

      return call && handle(call)
    },
  }
}

function handle(call: Call): CallHandle {
  return {
    view: () => callView(call),
    ladder: () => call.ladder.view(),
    transfer: (request) => {
      const { transfer, joined } = call.transfer({ ...request, requestedBy: 'api' })

      return { id: transfer.id, joined }
    },
    cancelTransfer: () => ({ id: call.cancelTransfer().id }),
    hangup: () => call.hangUp('hung_up_by_api'),
  }
}
