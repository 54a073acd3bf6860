import type { ProblemView } from '../api/index.ts'

/** A failure in `--json`: the problem details of the API, or the command's own message. */
export type FailureDetails = Pick<ProblemView, 'detail'> & Partial<ProblemView>

/** A command has failed: its message, and the details for programs. */
export class CommandFailure extends Error {
  readonly problem: FailureDetails

  constructor(message: string, problem: FailureDetails = { detail: message }) {
    super(message)
    this.problem = problem
  }
}
