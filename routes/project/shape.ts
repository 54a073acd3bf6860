/** Mistakes of shape: TypeBox's errors in words that name the field and what it should be. */
import { Compile } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { pointerPath, pointerTo, type Problem } from '../schema/errors.ts'
import { ProjectSchema, TableSchema } from '../schema/project-file.ts'
import { nearest } from '../../base/nearest.ts'
import { withoutOtherMembers } from '../../base/typebox.ts'

const project = Compile(ProjectSchema)
const table = Compile(TableSchema)

export function projectShape(value: unknown): Problem[] {
  return problemsOf(ProjectSchema, value, project.Errors(value))
}

export function tableShape(value: unknown): Problem[] {
  return problemsOf(TableSchema, value, table.Errors(value))
}

type SchemaError = ReturnType<typeof project.Errors>[number]

function problemsOf(schema: TSchema, value: unknown, errors: readonly SchemaError[]): Problem[] {
  return withoutOtherMembers(errors).flatMap((error) => {
    const node = step(schema, pointerPath(error.schemaPath))
    const at = error.instancePath

    switch (error.keyword) {
      case 'boolean': // `additionalProperties` reports the same field with its name.
        return []
      case 'required':
        return error.params.requiredProperties.map((property) => ({
          pointer: at + pointerTo(property),
          problem: 'is missing',
          ...hintOf(step(node, ['properties', property])),
        }))
      case 'additionalProperties': {
        const known = Object.keys(step(node, ['properties']) ?? {})
        return error.params.additionalProperties.map((property) => ({
          pointer: at + pointerTo(property),
          problem: `unknown field "${property}"`,
          hint: didYouMean(property, known),
        }))
      }
      case 'type':
        return [
          { pointer: at, problem: `must be ${article(error.params.type)}, is ${show(value, at)}`, ...hintOf(node) },
        ]
      case 'anyOf':
        return [{ pointer: at, problem: `cannot be ${show(value, at)}`, ...hintOf(node) }]
      case 'enum':
        return [
          {
            pointer: at,
            problem: `must be one of ${error.params.allowedValues.map(String).join(', ')}, is ${show(value, at)}`,
          },
        ]
      case 'minimum':
      case 'maximum':
        return [{ pointer: at, problem: `${show(value, at)} is out of range`, ...hintOf(node) }]
      case 'maxLength':
        return [{ pointer: at, problem: `is longer than ${error.params.limit} characters`, ...hintOf(node) }]
      case 'minItems':
        return [{ pointer: at, problem: 'is empty', ...hintOf(node) }]
      case 'maxItems':
        return [{ pointer: at, problem: `has more than ${error.params.limit} entries`, ...hintOf(node) }]
      case 'pattern':
        return [{ pointer: at, problem: `${show(value, at)} is not of the form asked for`, ...hintOf(node) }]
      default:
        return [{ pointer: at, problem: error.message, ...hintOf(node) }]
    }
  })
}

function didYouMean(property: string, known: readonly string[]): string {
  const guess = nearest(property, known)

  return guess === undefined ? `the fields here are ${known.join(', ')}` : `did you mean "${guess}"?`
}

function hintOf(node: unknown): { hint?: string } {
  const description = (node as { description?: unknown } | undefined)?.description

  return typeof description === 'string' ? { hint: `give ${description}` } : {}
}

function step(from: unknown, path: readonly string[]): object | undefined {
  let node: unknown = from
  for (const name of path) {
    node = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined
  }

  return typeof node === 'object' && node !== null ? node : undefined
}

const articles: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
}

function article(type: string | readonly string[]): string {
  return [type]
    .flat()
    .map((one) => articles[one] ?? one)
    .join(' or ')
}

function show(root: unknown, pointer: string): string {
  let value = root
  for (const name of pointerPath(pointer)) value = (value as Record<string, unknown>)[name]
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (value === undefined) return 'nothing'

  return `${JSON.stringify(value)}${typeof value === 'number' ? ' (a number)' : ''}`
}
