import { texts } from '../texts'

const { labels, choices, anyChoice } = texts.fields

/** A field's name as the pages have it; of one that they do not know, the name in the project file in words. */
export function fieldLabel(path: string): string {
  const known = labels[path]
  if (known !== undefined) return known
  const [group = '', ...rest] = path.split('.')
  // Headers, variables and labels have names of their own.
  if (rest.length > 0 && labels[group] !== undefined) return `${labels[group]}: ${rest.map(words).join(' ')}`

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
