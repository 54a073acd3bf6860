import { type BadMessage, createResponse, statelessTag } from '../message/index.ts'
import type { Shed } from '../transport/user.ts'
import type { OverloadBrake } from './brake.ts'
import type { RefusedInvites } from './refused-invites.ts'
import { isInvite, skimInvite, uriOf } from './skim.ts'

/**
 * Looks at a message before it is parsed. A new INVITE that there is no room for is shed, and so is its repetition, when there
 * is room again; everything else goes on: what is in a dialog, what repeats an INVITE that was taken (`isKnown`), emergency calls, CANCEL, ACK and other methods.
 */
export function shed(
  data: Buffer | string,
  brake: OverloadBrake,
  refused: RefusedInvites,
  isKnown: (invite: BadMessage) => boolean,
): Shed | undefined {
  if (!isInvite(data)) return undefined
  const { reason } = brake
  if (reason === undefined && refused.isEmpty) return undefined
  const text = typeof data === 'string' ? data : data.toString('latin1')
  const invite = skimInvite(text)
  if (!invite?.isAnswerable || !invite.to || invite.toTag !== undefined || isKnown(invite)) return undefined
  const isRepeated = refused.has(invite)
  if (reason === undefined && !isRepeated) return undefined
  const uri = uriOf(text.slice(0, text.indexOf('\r\n')))
  if (brake.spares({ uri, to: invite.to.uri, priorities: invite.headers('Resource-Priority') })) return undefined

  return {
    invite,
    answer: () => {
      const response = createResponse(invite, 503, undefined, statelessTag(invite))

      if (isRepeated || reason === undefined) return response.add('Retry-After', String(brake.retryAfter()))
      refused.add(invite)

      return response.add('Retry-After', String(brake.refuse(reason)))
    },
  }
}
