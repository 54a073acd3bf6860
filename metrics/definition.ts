import type { Label } from './labels.ts'

/** The definition of one metric. */

export type Labels = Readonly<Record<string, Label<never>>>

export interface Definition<L extends Labels = Labels> {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: L
  readonly buckets?: readonly number[]
}

export const counter = <L extends Labels>(id: string, help: string, labels: L) =>
  ({ type: 'counter', name: id, help, labels }) as const
export const gauge = <L extends Labels>(id: string, help: string, labels: L) =>
  ({ type: 'gauge', name: id, help, labels }) as const
export const histogram = <L extends Labels>(id: string, help: string, labels: L, buckets: readonly number[]) =>
  ({ type: 'histogram', name: id, help, labels, buckets }) as const
