/** Colours, where they are wanted. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
  name(text: string): string
}

const codes = { strong: [1, 22], faint: [2, 22], good: [32, 39], bad: [31, 39], name: [36, 39] } as const

/** Colours on a terminal, unless NO_COLOR is set (https://no-color.org); plain text everywhere else. */
export function paintFor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = terminal && !env.NO_COLOR && env.TERM !== 'dumb'
  const painter = (style: keyof typeof codes) => {
    const [on, off] = codes[style]

    return (text: string): string => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)
  }

  return {
    strong: painter('strong'),
    faint: painter('faint'),
    good: painter('good'),
    bad: painter('bad'),
    name: painter('name'),
  }
}
