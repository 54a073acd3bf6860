import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { TwilioRefused } from './account.ts'

const algorithm = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16

/** Seals secrets by AES-256-GCM, bound to a name: a sealed text opens under the same key and name only. */
export class SecretBox {
  readonly #key: Buffer

  /** @param key 32 bytes in base64 */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'base64')
  }

  /** Base64 of the initialisation vector, the tag and the encrypted text. */
  seal(secret: string, name: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv(algorithm, this.#key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(name))
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])

    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** @throws TwilioRefused when another key has sealed the text, or the text has been changed */
  open(sealed: string, name: string): string {
    const bytes = Buffer.from(sealed, 'base64')
    try {
      const decipher = createDecipheriv(algorithm, this.#key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))

      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8')
    } catch {
      throw new TwilioRefused(
        'no_secrets_key',
        'SECRETS_KEY is not the key that encrypted the credentials of Twilio. Set the former key, or connect again with the credentials.',
      )
    }
  }
}
