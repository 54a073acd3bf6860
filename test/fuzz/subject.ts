import type { Endpoint } from '../../engine/index.ts'

/** What is fuzzed: it is handed datagrams, and must neither throw nor keep anything. */
export interface Subject {
  readonly name: string
  /** One datagram. */
  receive(data: Buffer, from: Endpoint): void
  /** An action of its own, such as a call. */
  act(): void
  /** Time passes. */
  advance(ms: number): void
  /** Exceptions that were caught inside; they are defects all the same. */
  readonly defects: readonly unknown[]
  /** Ends what is alive. */
  hangUp(): void
  /** What is alive, for a person; '' when nothing is. */
  left(): string
  close(): Promise<void>
}
