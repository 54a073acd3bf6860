import { defined } from '../../base/defined.ts'
import type { AnswerProblem, ResolverAnswer } from '../../routes/index.ts'

const maxRouteLength = 1000
const maxHeaders = 100
const maxHeaderLength = 4096
const maxAnnounceLength = 1000

/** Reads the body of an answer: `{ route?, headers?, announce? }`; an empty body decides nothing. Other fields are ignored. */
export function readAnswer(text: string): ResolverAnswer | AnswerProblem {
  if (text.trim() === '') return {}
  const read = parsed(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return invalid('it is no JSON object')
  const { route, headers = {}, announce } = read as Record<string, unknown>
  if (!isTextUpTo(route, maxRouteLength)) return invalid(`its route is no text of at most ${maxRouteLength} characters`)
  if (!isTextUpTo(announce, maxAnnounceLength)) {
    return invalid(`its announce is no text of at most ${maxAnnounceLength} characters`)
  }
  if (!areHeaders(headers)) {
    return invalid(`its headers are no names with texts, at most ${maxHeaders} of ${maxHeaderLength} characters`)
  }

  return { headers, ...defined({ route: route ?? undefined, announce: announce ?? undefined }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function invalid(detail: string): AnswerProblem {
  return { result: 'invalid', detail }
}

/** null is as good as left out. */
function isTextUpTo(value: unknown, maxLength: number): value is string | null | undefined {
  return value === undefined || value === null || (typeof value === 'string' && value.length <= maxLength)
}

function areHeaders(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const values = Object.values(value)

  return (
    values.length <= maxHeaders && values.every((each) => typeof each === 'string' && each.length <= maxHeaderLength)
  )
}
