import type { Problem } from '../errors.ts'

/** `error` stops a publication, `warning` is likely to hurt callers, `info` is good to know. */
export type Severity = 'error' | 'warning' | 'info'

export interface Finding extends Problem {
  severity: Severity
  code: string
}
