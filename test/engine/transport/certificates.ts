import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PemFiles } from '../../../engine/transport/index.ts'

/** An authority of a test's own and the certificates it gives out, in a folder of their own. */
export class TestAuthority {
  readonly certificate: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'baton-tls-'))
  readonly #key: string

  constructor(name = 'Test authority') {
    this.#key = join(this.#folder, 'authority.key')
    this.certificate = join(this.#folder, 'authority.pem')
    openssl('req -x509 -nodes -days 2', newKey, `-keyout ${this.#key} -out ${this.certificate}`, '-subj', `/CN=${name}`)
  }

  /** A certificate for these names, such as `DNS:sip.example.test` and `IP:127.0.0.1`. @param days until it expires */
  issue(file: string, names: string, days = 2): PemFiles {
    const at = (extension: string) => join(this.#folder, `${file}.${extension}`)
    openssl('req -nodes', newKey, `-keyout ${at('key')} -out ${at('csr')}`, '-subj', `/CN=${file}`)
    writeFileSync(at('ext'), `subjectAltName=${names}\n`)
    openssl(
      `x509 -req -days ${days} -in ${at('csr')} -CA ${this.certificate} -CAkey ${this.#key} -CAcreateserial`,
      `-extfile ${at('ext')} -out ${at('pem')}`,
    )

    return { certificate: at('pem'), key: at('key') }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1'

/** Arguments are split at spaces, but for those that begin with a slash and a name. */
function openssl(...parts: readonly string[]): void {
  const args = parts.flatMap((part) => (part.startsWith('/CN=') ? [part] : part.split(' ')))
  execFileSync('openssl', args, { stdio: 'pipe' })
}
