import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

import type { Settings } from '../../config/index.ts'
import type { CheckFinding } from './finding.ts'

const secondsOfADay = 86_400
/** A certificate that expires within so many days is a warning. */
const warningDays = 30

const check = 'certificate'

/** The remaining days of certificates. @param expiries in seconds since 1970, by file */
export function checkExpiries(
  expiries: ReadonlyMap<string, number>,
  now: number,
  where = 'SIP_TLS_CERTIFICATES',
): CheckFinding[] {
  return Array.from(expiries, ([file, expiry]): CheckFinding => {
    const days = Math.floor((expiry - now / 1000) / secondsOfADay)
    const hint = 'Renew it and send SIGHUP: Baton reads it again without ending calls.'
    const date = new Date(expiry * 1000).toISOString().slice(0, 10)
    if (days < 0) return { check, state: 'failed', detail: `${file} expired on ${date}`, where, hint }
    const detail = `${file} expires in ${days} days, on ${date}`

    return days < warningDays ? { check, state: 'warning', detail, where, hint } : { check, state: 'ok', detail }
  })
}

/** The expiry of each PEM file, in seconds since 1970: of a chain, that of the certificate that expires first. */
export async function certificateExpiries(files: readonly string[]): Promise<Map<string, number>> {
  const expiries = await Promise.all(
    files.map(async (file) => {
      const found = certificatesIn(await readFile(file, 'latin1')).map(({ validTo }) => Date.parse(validTo) / 1000)

      return [file, Math.min(...found)] as const
    }),
  )

  return new Map(expiries)
}

/** The certificates in a PEM file, in its order. */
function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []

  return found.map((each) => new X509Certificate(each))
}

/** The files of the TLS listeners: their expiry, whether each key fits, and the names that peers will look for. */
export async function checkCertificates(
  { sip, drachtio, drachtioListen }: Settings,
  now: number,
): Promise<CheckFinding[]> {
  // A drachtio server has certificates of its own.
  if (!sip.tls || drachtio || drachtioListen) return []
  const { certificates, authorities } = sip.tls
  const pairs = await Promise.all(certificates.map((pair) => checkPair(pair, now)))
  const loaded = pairs.flatMap(({ certificate }) => certificate ?? [])
  const names = sip.listen.flatMap(({ transport, advertised }) =>
    (transport === 'tls' || transport === 'wss') && advertised && isIP(advertised.host) === 0 ? [advertised.host] : [],
  )
  const unnamed = [...new Set(names)].filter((name) => !loaded.some((each) => each.checkHost(name) !== undefined))

  return [
    ...pairs.flatMap(({ findings }) => findings),
    // RFC 5922 7.2: a peer compares the names of the certificate with the host of the URI that it calls.
    ...unnamed.map((name): CheckFinding => ({
      ...{ check, state: 'failed', where: 'SIP_TLS_CERTIFICATES' },
      detail: `SIP_LISTEN advertises ${name}, and no certificate is for that name`,
      hint: `Get a certificate with DNS:${name} in its subjectAltName, or advertise a name that it has.`,
    })),
    ...(authorities === undefined ? [] : await checkAuthorities(authorities, now)),
  ]
}

interface CheckedPair {
  findings: CheckFinding[]
  /** Undefined when the file cannot be read. */
  certificate?: X509Certificate
}

async function checkPair(
  { certificate: file, key }: Record<'certificate' | 'key', string>,
  now: number,
): Promise<CheckedPair> {
  const [certificate, where] = await leafOf(file)
  if (!certificate) return { findings: [where] }
  const findings = checkExpiries(await certificateExpiries([file]), now)
  // RFC 5922 7.1: without a subjectAltName only the common name is left, which newer peers do not look at.
  if (certificate.subjectAltName === undefined) {
    findings.push({
      ...{ check, state: 'warning', where: 'SIP_TLS_CERTIFICATES' },
      detail: `${file} has no subjectAltName`,
      hint: 'Have it issued with the names that peers call: many take none from the subject.',
    })
  }

  return { certificate, findings: [...findings, ...(await checkKey(certificate, file, key))] }
}

async function leafOf(file: string): Promise<[certificate: X509Certificate] | [undefined, CheckFinding]> {
  try {
    const [leaf] = certificatesIn(await readFile(file, 'latin1'))
    if (leaf) return [leaf]

    return [undefined, unreadable(file, 'has no certificate', 'SIP_TLS_CERTIFICATES')]
  } catch (error) {
    return [undefined, unreadable(file, (error as Error).message, 'SIP_TLS_CERTIFICATES')]
  }
}

async function checkKey(certificate: X509Certificate, file: string, key: string): Promise<CheckFinding[]> {
  const where = 'SIP_TLS_KEYS'
  try {
    if (certificate.checkPrivateKey(createPrivateKey(await readFile(key)))) return []

    return [
      {
        ...{ check, state: 'failed', where, detail: `${key} is not the key of ${file}` },
        hint: 'Give the keys in the order of SIP_TLS_CERTIFICATES.',
      },
    ]
  } catch (error) {
    return [unreadable(key, (error as Error).message, where)]
  }
}

function unreadable(file: string, problem: string, where: string): CheckFinding {
  return { check, state: 'failed', where, detail: `${file}: ${problem}`, hint: 'Give a PEM file that Baton can read.' }
}

/** A bundle of authorities is well while one is valid: the peers' certificates tell which of them matter. */
async function checkAuthorities(file: string, now: number): Promise<CheckFinding[]> {
  const where = 'SIP_TLS_AUTHORITIES'
  try {
    const expiries = certificatesIn(await readFile(file, 'latin1')).map(
      ({ subject, validTo }) => [`${file} (${subject.split('\n').at(-1) ?? ''})`, Date.parse(validTo) / 1000] as const,
    )
    if (expiries.length === 0) return [unreadable(file, 'has no certificate', where)]
    const findings = checkExpiries(new Map(expiries), now, where)
    if (findings.every(({ state }) => state === 'failed')) return findings
    const expiring = findings.filter(({ state }) => state !== 'ok')

    return expiring.length === 0
      ? [{ check, state: 'ok', detail: `${file} has ${expiries.length} authorities, none of which expires soon` }]
      : expiring.map((each) => ({ ...each, state: 'warning' }))
  } catch (error) {
    return [unreadable(file, (error as Error).message, where)]
  }
}
