/** A way to run Baton's SIP side; every end-to-end test runs on each of them. */
export interface Stack {
  name: string
  /** Settings that choose it. */
  env: Record<string, string>
}

export const stacks: readonly Stack[] = [{ name: 'embedded', env: {} }]
