import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TlsOptions as TlsServerOptions,
} from 'node:tls'
import { defined } from '../../base/defined.ts'
import { familyOf, type Target } from '../flow/index.ts'
import type { TransportSettings } from './settings.ts'

/** PEM files: a certificate (with its chain, unless that has its own file) and its private key. */
export interface PemFiles {
  readonly certificate: string
  readonly key: string
  readonly chain?: string
}

export interface TlsOptions {
  /** The first is the default, and the client certificate; a server picks by SNI among all. */
  readonly certificates: readonly [PemFiles, ...PemFiles[]]
  /** PEM file of the authorities that peers' certificates are verified with; the system's when left out. */
  readonly authorities?: string
  /** Whether clients must show a certificate that is verified; `none` when left out. */
  readonly clients?: 'none' | 'required'
  /** `unverified` accepts any server certificate, for tests only. `verified` when left out. */
  readonly servers?: 'verified' | 'unverified'
  /** The oldest TLS version allowed; TLS 1.2 when left out. */
  readonly oldest?: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL's list of ciphers; Node's when left out. */
  readonly ciphers?: string
}

interface Loaded {
  readonly certificate: X509Certificate
  readonly context: SecureContext
  readonly contextOptions: SecureContextOptions
}

/** Certificates and keys as last read. */
export class TlsCredentials {
  readonly options: TlsOptions
  #loaded: readonly [Loaded, ...Loaded[]]

  private constructor(options: TlsOptions, loaded: readonly [Loaded, ...Loaded[]]) {
    this.options = options
    this.#loaded = loaded
  }

  /** Rejects, naming the file, when a file cannot be read or a key does not match its certificate. */
  static async load(options: TlsOptions | undefined): Promise<TlsCredentials> {
    if (!options) throw new Error('it has no certificate: set `tls`')

    return new TlsCredentials(options, await loadAll(options))
  }

  /** Reads the files again. Rejects, and keeps the old certificates, when that fails. */
  async reload(): Promise<void> {
    this.#loaded = await loadAll(this.options)
  }

  get client(): SecureContext {
    return this.#loaded[0].context
  }

  /** The server's options for clients without SNI. */
  get defaults(): SecureContextOptions {
    return this.#loaded[0].contextOptions
  }

  /** The certificate for a name (SNI); the first one when none matches. */
  forName(name: string): SecureContext {
    const found = this.#loaded.find(({ certificate }) => certificate.checkHost(name) !== undefined)

    return (found ?? this.#loaded[0]).context
  }
}

async function loadAll(options: TlsOptions): Promise<readonly [Loaded, ...Loaded[]]> {
  const { authorities, oldest = 'TLSv1.2', ciphers } = options
  const common = {
    minVersion: oldest,
    ...defined({ ciphers, ca: authorities === undefined ? undefined : await read(authorities) }),
  }
  const [first, ...others] = options.certificates

  return [await load(first, common), ...(await Promise.all(others.map((files) => load(files, common))))]
}

async function load(files: PemFiles, common: SecureContextOptions): Promise<Loaded> {
  const [own, chain, key] = await Promise.all([
    read(files.certificate),
    files.chain === undefined ? Promise.resolve('') : read(files.chain),
    read(files.key),
  ])
  try {
    const cert = `${own}\n${chain}`
    const contextOptions = { ...common, cert, key }

    return { certificate: new X509Certificate(cert), context: createSecureContext(contextOptions), contextOptions }
  } catch (error) {
    throw new Error(`${files.certificate} and ${files.key}: ${messageOf(error)}`, { cause: error })
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Error(`cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** RFC 5922 7.1: a certificate belongs to a domain by `URI:sip:domain`, or by a host name as for any TLS server. */
export function checkDomain(host: string, certificate: PeerCertificate): Error | undefined {
  const names = (certificate.subjectaltname ?? '').split(', ')
  const isSipDomain = names.some((name) => name.toLowerCase() === `uri:sip:${host.toLowerCase()}`)

  return isSipDomain ? undefined : checkServerIdentity(host, certificate)
}

/** Options of a TLS server; `credentials` are read for each connection, so that a reload takes effect. */
export function serverOptions(credentials: TlsCredentials, settings: TransportSettings): TlsServerOptions {
  const isRequired = credentials.options.clients === 'required'

  return {
    SNICallback: (name, done) => done(null, credentials.forName(name)),
    ...credentials.defaults,
    requestCert: isRequired,
    rejectUnauthorized: isRequired,
    handshakeTimeout: settings.connectTimeout,
  }
}

/** Options of a TLS client: the server's certificate must be for the name that was resolved, or for the address. */
export function clientOptions(credentials: TlsCredentials, { address, serverName }: Target) {
  return {
    family: familyOf(address),
    secureContext: credentials.client,
    rejectUnauthorized: credentials.options.servers !== 'unverified',
    checkServerIdentity: (host: string, certificate: Parameters<typeof checkDomain>[1]) =>
      checkDomain(serverName ?? host, certificate),
    ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
  }
}
