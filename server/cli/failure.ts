import type { ProblemView } from '../api/index.ts'

/** What `--json` says of a failure: the problem details that Baton answered with, or what the command itself has to say. */
export type ProblemSaid = Pick<ProblemView, 'detail'> & Partial<ProblemView>

/** A command that could not do what was asked: what is said of it, in words and for programs. */
export class Failure extends Error {
  readonly problem: ProblemSaid

  constructor(message: string, problem: ProblemSaid = { detail: message }) {
    super(message)
    this.problem = problem
  }
}
