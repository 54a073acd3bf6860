import type { Message } from '../message/index.ts'

// Compact forms, of which drachtio-srf knows but a few; folded lines; lines that do not end in CRLF.
const unusual = /\r\n[A-Za-z][ \t]*:|\r\n[ \t]|[^\r]\n/

// A line that is no header makes drachtio-srf throw the whole message away.
const readable = /^[^\s:]+\s*:/

/**
 * A message as its client gets it: the bytes that came, unless drachtio-srf would stumble over them. Without
 * Content-Length it has no body at all, and what it cannot read it throws away.
 */
export function deliveredText(message: Message): string {
  const text = message.toString()
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const hasUnreadable = message.passedOver.some(({ line }) => !readable.test(line))
  if (message.has('Content-Length') && !hasUnreadable && !unusual.test(head)) return text
  const startLine = text.slice(0, text.search(/\r?\n/))
  let written = startLine
  for (const [name, value] of message.entries()) if (name !== 'Content-Length') written += `\r\n${name}: ${value}`

  return `${written}\r\nContent-Length: ${message.body.length}\r\n\r\n${message.body}`
}
