import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = 'sipp-scenarios'
const part = / *<!-- part ([\w-]+)((?: \w+="[^"]*")*) -->\n/g
/** A part's line, and what stands in its place now. */
const expandedPart = / *<!-- part .* -->\n(?:(?:(?! *<!-- (?:end )?part\b).*\n)* *<!-- end part -->\n)?/g

/** Scenarios as they should be, by their file: what stands between `part` and `end part` is the part's text. */
export function scenarios(): Map<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.xml'))

  return new Map(files.map((file) => [`${folder}/${file}`, withParts(readFileSync(`${folder}/${file}`, 'utf8'))]))
}

function withParts(scenario: string): string {
  return scenario.replace(expandedPart, (text) => {
    const line = text.slice(0, text.indexOf('\n') + 1)

    return `${line}${line.replace(part, expand)}  <!-- end part -->\n`
  })
}

/** `{name}` and `{name=default}` are arguments; an argument that the text does not name is an attribute of its first element. */
function expand(_line: string, name: string, given: string): string {
  const args = new Map([...given.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]))
  const attributes = new Map(args)
  const text = readFileSync(`${folder}/parts/${name}.xml`, 'utf8').replace(
    /\{(\w+)(?:=([^}]*))?\}/g,
    (_match, key: string, byDefault: string | undefined) => {
      attributes.delete(key)
      const value = args.get(key) ?? byDefault
      if (value === undefined) throw new Error(`part ${name} needs ${key}="…"`)

      return value
    },
  )
  const added = [...attributes].map(([key, value]) => ` ${key}="${value}"`).join('')

  return text.replace(part, expand).replace(/\/?>/, (end) => `${added}${end}`)
}

// npm run scenarios
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of scenarios()) if (text !== readFileSync(file, 'utf8')) writeFileSync(file, text)
}
