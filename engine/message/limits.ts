/** What a message may at most be. Lengths are bytes. */
export interface Limits {
  readonly messageSize: number
  readonly headerCount: number
  /** Of one header field, its folds included. */
  readonly headerLength: number
  readonly viaCount: number
}

export const defaultLimits: Limits = { messageSize: 65_535, headerCount: 256, headerLength: 8192, viaCount: 70 }
