import { texts } from '../texts'

const { labels, choices, anyChoice } = texts.fields

/** A field's label on the pages; for a field without one, its name in the project file, in words. */
export function fieldLabel(path: string): string {
  const known = labels[path]
  if (known !== undefined) return known
  const [group = '', ...rest] = path.split('.')
  // Headers, variables and labels have names of their own.
  if (rest.length > 0 && labels[group] !== undefined) return `${labels[group]}: ${rest.join('.')}`

  return words(rest.at(-1) ?? group)
}

export function choiceLabel(path: string, choice: string): string {
  return choices[path]?.[choice] ?? anyChoice[choice] ?? choice
}

function words(name: string): string {
  return /^[a-z]+(_[a-z0-9]+)+$/.test(name) || /^[a-z]+$/.test(name)
    ? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`
    : name
}

/** A value of the project file as people read it. */
export function valueText(value: unknown): string {
  if (isNothing(value)) return texts.change.nothing
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return choiceLabel('', String(value))
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  if (typeof value !== 'object') return JSON.stringify(value)
  const { uri, ...others } = value as { uri?: string }
  const rest = Object.entries(others).map(([field, inner]) => `${fieldLabel(field)}: ${valueText(inner)}`)

  return [...(uri === undefined ? [] : [uri]), ...rest].join('; ')
}

export function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null
}
