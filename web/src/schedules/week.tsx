import { VisuallyHidden } from '@mantine/core'
import type { Schedule } from '../api/client'
import { texts } from '../texts'
import { hoursOf, spansOf, weekdays } from './hours'

const [left, top, rowHeight, hourWidth] = [84, 18, 20, 14]
const width = left + 24 * hourWidth + 8
const height = top + weekdays.length * rowHeight + 4

/** The week as a picture, and the same in words for those who hear the page. */
export function Week({ schedule }: { schedule: Schedule }) {
  const { days, closedDay, always, week } = texts.schedules

  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={week(schedule.name)}
        style={{ width: '100%', maxWidth: width * 1.6 }}
      >
        {[0, 6, 12, 18, 24].map((hour) => (
          <g key={hour}>
            <line
              x1={left + hour * hourWidth}
              x2={left + hour * hourWidth}
              y1={top - 4}
              y2={height - 4}
              stroke="var(--mantine-color-default-border)"
            />
            <text
              x={left + hour * hourWidth}
              y={top - 7}
              textAnchor="middle"
              fontSize={9}
              fill="var(--mantine-color-dimmed)"
            >
              {String(hour).padStart(2, '0')}
            </text>
          </g>
        ))}
        {weekdays.map((day, index) => (
          <g key={day}>
            <text x={0} y={top + index * rowHeight + 13} fontSize={11} fill="var(--mantine-color-text)">
              {days[day]}
            </text>
            <rect
              x={left}
              y={top + index * rowHeight + 3}
              width={24 * hourWidth}
              height={rowHeight - 6}
              rx={3}
              fill="var(--mantine-color-default-hover)"
            />
            {spansOf(schedule, day).map(({ from, to }) => (
              <rect
                key={from}
                x={left + (from / 60) * hourWidth}
                y={top + index * rowHeight + 3}
                width={((to - from) / 60) * hourWidth}
                height={rowHeight - 6}
                rx={3}
                fill="var(--mantine-color-green-7)"
              />
            ))}
          </g>
        ))}
      </svg>
      <VisuallyHidden>
        {schedule.weekly ? (
          <ul>
            {weekdays.map((day) => (
              <li key={day}>
                {days[day]}: {hoursOf(schedule, day).join(', ') || closedDay}
              </li>
            ))}
          </ul>
        ) : (
          <p>{always}</p>
        )}
      </VisuallyHidden>
    </>
  )
}
