/** Digits in SIP INFO: application/dtmf-relay and application/dtmf, which gateways used before RFC 4733 was common. */
import { isSuccess, type Clock } from '../../engine/index.ts'
import type { PartyLeg } from '../legs/party-leg.ts'
import type { SipRequest, SipResponse } from '../sip/stack.ts'

/** Each `w` in digits to send. */
const pauseMs = 500
/** How long each digit is said to be pressed. */
const digitMs = 160

const digitNumbers = '0123456789*#ABCD'

/** The digit that an INFO reports; undefined for any other request. */
export function digitOf(request: SipRequest): string | undefined {
  if (request.method !== 'INFO') return undefined
  const type = request.header('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/dtmf-relay') return digitIn(signalIn(request.body))

  return type === 'application/dtmf' ? digitIn(request.body.trim()) : undefined
}

/** The value of the line `Signal=…`. */
function signalIn(body: string): string | undefined {
  for (const line of body.split('\n')) {
    const [name = '', value] = line.split('=', 2)
    if (name.trim().toLowerCase() === 'signal') return value?.trim()
  }

  return undefined
}

/** Some gateways write * and # as the event numbers 10 and 11 of RFC 4733. */
function digitIn(signal = ''): string | undefined {
  const digit = /^1[0-5]$/.test(signal) ? digitNumbers.charAt(Number(signal)) : signal.toUpperCase()

  return /^[0-9*#A-D]$/.test(digit) ? digit : undefined
}

/**
 * Presses digits at a party by INFO, one after the other, while they are wanted.
 * Resolves with the response that refused one; undefined when all were taken.
 */
export async function sendInfoDigits(
  leg: PartyLeg,
  digits: string,
  clock: Clock,
  isWanted: () => boolean,
): Promise<SipResponse | undefined> {
  for (const digit of digits) {
    const { dialog } = leg
    if (!dialog || !leg.up || !isWanted()) return undefined
    if (digit !== 'w') {
      const response = await dialog.request('INFO', {
        headers: [['Content-Type', 'application/dtmf-relay']],
        body: `Signal=${digit}\r\nDuration=${digitMs}\r\n`,
      })
      if (!isSuccess(response.status)) return response
    }
    await new Promise<void>((resolve) => clock.after(digit === 'w' ? pauseMs : digitMs, resolve))
  }

  return undefined
}
