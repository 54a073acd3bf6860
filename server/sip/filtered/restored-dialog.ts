import type { DialogEvents, SessionFilter, SipDialog } from '../stack.ts'
import { FilterUse } from './filter-use.ts'
import { FilteredDialog } from './filtered-dialog.ts'
import { FilteredDialogEvents } from './filtered-events.ts'
import { InOrder } from './in-order.ts'

/** A dialog of the process before, whose sessions pass through a filter again. @param take takes the dialog up with these events */
export function restoredDialog(
  filter: SessionFilter,
  events: DialogEvents,
  take: (events: DialogEvents) => SipDialog,
): SipDialog {
  const use = new FilterUse(filter)

  return new FilteredDialog(take(new FilteredDialogEvents(events, use, new InOrder())), use)
}
