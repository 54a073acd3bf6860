/** Phone numbers: Baton compares them as E.164 (ITU-T), and writes them in the format of each trunk. */
import {
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js/max'
import type { NumberFormat } from './project-file.ts'
import { isE164, unescape } from './uri.ts'

export interface NumberContext {
  /** ISO 3166 country of the trunk, for numbers written nationally. */
  country?: string | undefined
  /** How the trunk writes numbers; `without_plus` lets digits without a plus be E.164. */
  format?: NumberFormat | undefined
}

/**
 * The E.164 form (`+14155550100`) of a number, a `tel:` or a `sip:` URI, or undefined when it has none. Short codes,
 * extensions and service codes have none: nothing below seven digits ever becomes a +number.
 */
export function normaliseNumber(text: string, context: NumberContext = {}): string | undefined {
  if (isE164(text)) return text
  const dialled = dialString(text)
  if (dialled === undefined) return undefined
  if (dialled.startsWith('+')) return isE164(dialled) ? dialled : undefined
  if (!/^\d{7,18}$/.test(dialled)) return undefined

  return international(dialled) ?? national(dialled, context.country) ?? withoutPlus(dialled, context.format)
}

/** The digits that were dialled, without URI, parameters and visual separators (RFC 3966 5.1.1); undefined for any other text. */
function dialString(text: string): string | undefined {
  let rest = text.trim()
  const open = rest.indexOf('<')
  const close = open < 0 ? -1 : rest.indexOf('>', open)
  if (close > 0) rest = rest.slice(open + 1, close)
  const scheme = /^(tel|sips?):/i.exec(rest)
  if (scheme) {
    rest = rest.slice(scheme[0].length)
    if (scheme[1]?.toLowerCase() !== 'tel') {
      const at = rest.lastIndexOf('@')
      if (at < 0) return undefined
      rest = rest.slice(0, at).split(':', 1)[0] ?? ''
    }
    rest = unescape(rest)
  }
  const context = rest.startsWith('+') ? undefined : /;phone-context=([^;]*)/i.exec(rest)?.[1]
  const dialled = digitsOf(rest.split(';', 1)[0] ?? '')

  return context === undefined || dialled === undefined ? dialled : inContext(dialled, context)
}

function digitsOf(text: string): string | undefined {
  const digits = text.replace(/[\s().-]/g, '')

  return /^\+?\d+$/.test(digits) ? digits : undefined
}

/**
 * A local number belongs to its phone-context, and no country setting makes it global (RFC 3966 5.1.5). Carriers that name
 * a country there mean a national number of that country.
 */
function inContext(local: string, context: string): string | undefined {
  const country = digitsOf(context)
  if (!country?.startsWith('+')) return undefined

  const number = parsePhoneNumberFromString(`${country}${local}`)

  return number?.isPossible() ? number.number : undefined
}

function international(digits: string): string | undefined {
  if (!digits.startsWith('00')) return undefined

  return possible(`+${digits.slice(2)}`)
}

function national(digits: string, country: string | undefined): string | undefined {
  if (country === undefined) return undefined
  const number = parsePhoneNumberFromString(digits, country.toUpperCase() as CountryCode)

  return number?.isValid() ? number.number : undefined
}

function withoutPlus(digits: string, format: NumberFormat | undefined): string | undefined {
  return format === 'without_plus' ? possible(`+${digits}`) : undefined
}

function possible(number: string): string | undefined {
  return isE164(number) && parsePhoneNumberFromString(number)?.isPossible() ? number : undefined
}

/**
 * An E.164 number in the format of a trunk: `e164` +14155550100, `without_plus` 14155550100, `prefix_00` 0014155550100,
 * `national` 4155550100 (with the country's own trunk prefix). Undefined for a number that `national` cannot write: one of
 * another country than the trunk's, or of none. A text that is not E.164 is returned as it is.
 */
export function formatNumber(number: string, format: NumberFormat, country?: string): string | undefined {
  if (!isE164(number)) return number
  const digits = number.slice(1)
  if (format === 'without_plus') return digits
  if (format === 'prefix_00') return `00${digits}`
  if (format !== 'national') return number
  const parsed = parsePhoneNumberFromString(number)
  // One plan may serve several countries: a number of Canada is written in the United States as one of their own.
  const isHome = country === undefined || parsed?.countryCallingCode === callingCode(country)

  return isHome ? parsed?.formatNational().replace(/\D/g, '') : undefined
}

function callingCode(country: string): string | undefined {
  const code = country.toUpperCase()

  return isSupportedCountry(code) ? getCountryCallingCode(code) : undefined
}

/** The calling code of a number's country, such as `+1`. */
export function countryCode(number: string): string | undefined {
  const code = parsePhoneNumberFromString(number)?.countryCallingCode

  return code === undefined ? undefined : `+${code}`
}

/** The kind of an E.164 number, by the numbering plans of the world. */
export function numberKind(number: string): 'ordinary' | 'premium' | 'shared_cost' | 'impossible' | 'unassigned' {
  const parsed = parsePhoneNumberFromString(number)
  if (!parsed?.isPossible()) return 'impossible'
  const type = parsed.getType()
  if (type === 'PREMIUM_RATE') return 'premium'
  if (type === 'SHARED_COST') return 'shared_cost'

  return parsed.isValid() ? 'ordinary' : 'unassigned'
}

/** What an operator should know of a number before a caller is sent there: its cost, or that no numbering plan has it. */
export function numberWarning(number: string): { code: string; detail: string } | undefined {
  const kind = numberKind(number)
  if (kind === 'ordinary') return undefined
  if (kind === 'premium' || kind === 'shared_cost') {
    return { code: 'premium_number', detail: `${number} is a ${kind.replace('_', '-')} number` }
  }

  return { code: `${kind}_number`, detail: `${number} is in no numbering plan` }
}
