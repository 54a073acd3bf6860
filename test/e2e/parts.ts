/** What the stories of this folder have in common: parties, and the messages of a call that goes up and comes down. */
import type { ExpectedMessage } from '../harness/expect.ts'
import type { Part } from '../harness/sipp.ts'

/** A session whose audio is at that port: SIPp's parties use the number of their SIP port. */
export const audioAt = (port: number | undefined) => new RegExp(`m=audio ${port} `)

/** A party that refuses with that status line. */
export const refusing = (status: string) => ({ refusal: `SIP/2.0 ${status}` })

/** An agent that answers and asks, a moment later, to be relieved of the caller. */
export const asking = (referTo = 'sip:front-desk@baton'): Part => ({
  scenario: 'uas-asks-transfer-released',
  pause: 100,
  keys: { refer_to: referTo },
})

/** An agent that takes a call as one scenario says and then makes one of its own, as the other says. */
export const consulting = (own: string, takes: string, pause = 0): Part => ({
  scenario: `uac-consults-${own}`,
  takes: `uas-consults-${takes}`,
  pause,
})

export const callerAnswered: ExpectedMessage[] = ['> INVITE', '< 180 INVITE', '< 200 INVITE', '> ACK']
export const calleeAnswered: ExpectedMessage[] = ['< INVITE', '> 180 INVITE', '> 200 INVITE', '< ACK']
export const hangsUp: ExpectedMessage[] = ['> BYE', '< 200 BYE']
export const isReleased: ExpectedMessage[] = ['< BYE', '> 200 BYE']
export const isRefused: ExpectedMessage[] = ['< REFER', '> 405 REFER']

/** NOTIFYs that a party sends with these statuses. */
export const notifies = (...statuses: string[]): ExpectedMessage[] =>
  statuses.flatMap((status) => [['> NOTIFY', { body: fragment(status) }] as ExpectedMessage, '< 200 NOTIFY'])

/** NOTIFYs that a party gets with these statuses; the last one ends the subscription. */
export const isNotified = (...statuses: string[]): ExpectedMessage[] =>
  statuses.flatMap((status, index) => [
    [
      '< NOTIFY',
      {
        Event: 'refer',
        'Subscription-State': index === statuses.length - 1 ? /^terminated;reason=noresource$/ : /^active;expires=\d+$/,
        'Content-Type': /^message\/sipfrag/,
        body: fragment(status),
      },
    ] as ExpectedMessage,
    '> 200 NOTIFY',
  ])

const fragment = (status: string) => new RegExp(`^SIP/2\\.0 ${status}\\b`)
