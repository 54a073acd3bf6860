import type { LadderView } from '../legs/views.ts'

/** Whether every request on a ladder has had its final response. An ACK has none. */
export function isComplete({ messages }: LadderView): boolean {
  const open = new Set<string>()
  for (const { text, leg } of messages) {
    const transaction = `${leg} ${header(text, 'Call-ID')} ${header(text, 'CSeq')}`
    if (!text.startsWith('SIP/2.0 ')) {
      if (!text.startsWith('ACK ')) open.add(transaction)
    } else if (!text.startsWith('SIP/2.0 1')) open.delete(transaction)
  }

  return open.size === 0
}

/** Messages on a ladder may have been written by anybody, in compact form too. */
function header(text: string, name: 'Call-ID' | 'CSeq'): string {
  const pattern = name === 'CSeq' ? /^CSeq[ \t]*:(.*)/im : /^(?:Call-ID|i)[ \t]*:(.*)/im

  return pattern.exec(text)?.[1]?.trim() ?? ''
}
