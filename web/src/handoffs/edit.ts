import type { Handoff } from '../api/client'

/** A header of a handoff, as it is typed. */
export interface HeaderRow {
  id: number
  name: string
  value: string
}

/** A handoff as it is typed. */
export interface Edit {
  /** The name as people write it; the slug is made of it. */
  name: string
  fields: Handoff
  rows: HeaderRow[]
  /** The handoff as it was when the edit began, and the draft's entity tag; no handoff for a new one. */
  base: Handoff | undefined
  etag: string
}

export function editOf(handoff: Handoff | undefined, etag: string): Edit {
  return {
    name: shownName(handoff),
    fields: handoff ?? { name: '' },
    rows: rowsOf(handoff?.headers),
    base: handoff,
    etag,
  }
}

/** The name of a handoff as people write it; '' for one that does not exist. */
function shownName(handoff: Handoff | undefined): string {
  return handoff?.display_name ?? handoff?.name ?? ''
}

/** The name by which agents ask for the handoff; it stays as it was while the shown name does. */
export function slugOf({ name, base }: Edit): string {
  return base && name === shownName(base) ? base.name : slug(name)
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64)
}

function rowsOf(headers: Handoff['headers'] = {}): HeaderRow[] {
  return Object.entries(headers).map(([name, value], id) => ({ id, name, value }))
}

/** The handoff as it is sent: empty fields are left out. */
export function completed(edit: Edit): Handoff {
  const { name, fields, rows } = edit
  const slugged = slugOf(edit)
  const named = rows.filter((row) => row.name.trim() !== '').map((row) => [row.name.trim(), row.value] as const)
  const all = {
    ...fields,
    name: slugged,
    display_name: name === slugged ? undefined : name,
    route: fields.method === 'bye' ? undefined : fields.route,
    headers: named.length === 0 ? undefined : Object.fromEntries(named),
  }

  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== '')) as Handoff
}

/** The edit with a field as another person has it. */
export function withField(edit: Edit, field: keyof Handoff, theirs: Handoff | undefined): Edit {
  if (field === 'headers') return { ...edit, rows: rowsOf(theirs?.headers) }
  if (field === 'name' || field === 'display_name') return { ...edit, name: shownName(theirs) }

  return { ...edit, fields: { ...edit.fields, [field]: theirs?.[field] } }
}
