/** Hears what nobody waits for. */
export const nobody = (): void => undefined
