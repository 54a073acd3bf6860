import { Code, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Ladder } from '../api/client'
import { Dialog } from '../shell/dialog'
import { useSmallScreen } from '../shell/small-screen'
import { texts } from '../texts'

type Message = Ladder['messages'][number]

const columns = ['caller', 'baton', 'agent', 'destination'] as const
const rowHeight = 30
const top = 36
const yOf = (row: number): number => top + row * rowHeight + 18

/** Pixels: where the line of each party stands. */
interface Layout {
  width: number
  xOf: (column: (typeof columns)[number]) => number
}

function layoutOf(left: number, columnWidth: number, right: number): Layout {
  return {
    width: left + columnWidth * (columns.length - 1) + right,
    xOf: (column) => left + columns.indexOf(column) * columnWidth,
  }
}

const wide = layoutOf(90, 190, 90)
/** All four parties are seen at 360 pixels. */
const narrow = layoutOf(50, 76, 34)

/** The messages of a call in order, as arrows between its parties; an arrow opens its message. */
export function LadderPicture({ ladder }: { ladder: Ladder }) {
  const { messages, omitted = 0 } = ladder
  const isSmall = useSmallScreen()
  const layout = isSmall ? narrow : wide
  const { width, xOf } = layout
  const [open, setOpen] = useState<Message>()
  const height = top + messages.length * rowHeight + 12
  const started = Date.parse(messages[0]?.at ?? '')
  if (messages.length === 0) return <Text c="dimmed">{texts.calls.noLadder}</Text>

  return (
    <Stack gap="xs">
      {omitted > 0 && <Text c="dimmed">{texts.calls.omitted(omitted)}</Text>}
      <div style={{ overflowX: 'auto' }}>
        <svg width={width} height={height} role="group" aria-label={texts.calls.ladder} fontSize={12}>
          {columns.map((column) => (
            <g key={column}>
              <text x={xOf(column)} y={18} textAnchor="middle" fontWeight={600} fill="currentColor">
                {texts.party[column]}
              </text>
              <line
                x1={xOf(column)}
                x2={xOf(column)}
                y1={26}
                y2={height}
                stroke="var(--mantine-color-default-border)"
              />
            </g>
          ))}
          {messages.map((message, index) => (
            <g key={`${message.at} ${index}`}>
              <text x={4} y={yOf(index) + 3} fill="var(--mantine-color-dimmed)">
                {((Date.parse(message.at) - started) / 1000).toFixed(3)}
              </text>
              <Arrow
                message={message}
                y={yOf(index)}
                layout={layout}
                show={() => {
                  setOpen(message)
                }}
              />
            </g>
          ))}
        </svg>
      </div>
      <Dialog
        opened={open !== undefined}
        onClose={() => {
          setOpen(undefined)
        }}
        title={texts.calls.message}
        size="xl"
      >
        {open && (
          <Stack>
            <Text size="sm" c="dimmed">
              {open.direction === 'in' ? `${open.remote} → ${open.local}` : `${open.local} → ${open.remote}`} (
              {open.transport})
            </Text>
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {open.text}
            </Code>
          </Stack>
        )}
      </Dialog>
    </Stack>
  )
}

interface ArrowProps {
  message: Message
  y: number
  layout: Layout
  show: () => void
}

function Arrow({ message, y, layout: { width, xOf }, show }: ArrowProps) {
  const { leg, direction, text } = message
  const [from, to] = direction === 'in' ? [xOf(leg), xOf('baton')] : [xOf('baton'), xOf(leg)]
  const label = titleOf(text)
  const head = to > from ? -7 : 7
  const color = colorOf(text)

  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={`${label}, ${direction === 'in' ? texts.party[leg] : texts.party.baton} → ${direction === 'in' ? texts.party.baton : texts.party[leg]}`}
      style={{ cursor: 'pointer' }}
      onClick={show}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        // The space key would scroll the page, too.
        event.preventDefault()
        show()
      }}
    >
      <rect x={0} y={y - 20} width={width} height={rowHeight} fill="transparent" />
      <text x={(from + to) / 2} y={y - 5} textAnchor="middle" fill={color}>
        {label}
      </text>
      <line x1={from} x2={to} y1={y} y2={y} stroke={color} />
      <path d={`M ${to + head} ${y - 4} L ${to} ${y} L ${to + head} ${y + 4}`} fill="none" stroke={color} />
    </g>
  )
}

/** The method of a request, or the status line of a response. */
function titleOf(text: string): string {
  const [line = ''] = text.split('\r\n', 1)

  return line.startsWith('SIP/2.0 ') ? line.slice(8) : (line.split(' ', 1)[0] ?? '')
}

function colorOf(text: string): string {
  const status = /^SIP\/2\.0 (\d)/.exec(text)?.[1]
  if (status === undefined) return 'var(--mantine-color-blue-text)'
  if (status === '1') return 'var(--mantine-color-dimmed)'

  return status === '2' ? 'var(--mantine-color-green-text)' : 'var(--mantine-color-red-text)'
}
