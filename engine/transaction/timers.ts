/** RFC 3261 17.1.1.1, table 4: the values from which all timers follow, in milliseconds. */
export interface TimerValues {
  /** Estimate of the round trip. */
  t1: number
  /** The longest interval between retransmissions of a non-INVITE request or an INVITE response. */
  t2: number
  /** The longest time that a message stays in the network. */
  t4: number
  /** Timer C: how long an INVITE may go without any response after a provisional one (16.6; more than three minutes). */
  c: number
  /** 100 Trying to an INVITE that nothing else has answered by then; 0: at once (17.2.1). */
  trying: number
}

export const defaultTimers: Readonly<TimerValues> = { t1: 500, t2: 4000, t4: 5000, c: 185_000, trying: 200 }
