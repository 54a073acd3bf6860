import { lookup } from 'node:dns/promises'
import type { Trunk } from '../../config/index.ts'
import type { Finding } from './finding.ts'

/** The gateways of the trunks have addresses. */
export async function checkGateways(trunks: readonly Trunk[]): Promise<Finding[]> {
  const gateways = trunks.flatMap(({ name, gateways }) => gateways.map((uri) => ({ name, uri })))
  const found = await Promise.all(
    gateways.map(async ({ name, uri }): Promise<Finding> => {
      const check = `trunk ${name}`
      const host = hostOf(uri)
      try {
        const { address } = await lookup(host)

        return { check, state: 'ok', detail: `${uri} is at ${address}` }
      } catch {
        return {
          check,
          state: 'failed',
          detail: `${uri}: ${host} has no address`,
          hint: 'Correct the gateway in the file of BATON_CONFIG, or its DNS entry.',
        }
      }
    }),
  )

  return found.length > 0
    ? found
    : [{ check: 'trunks', state: 'ok', detail: `${trunks.map(({ name }) => name).join(', ')}: no gateways` }]
}

function hostOf(uri: string): string {
  const [address = ''] = uri
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '')
    .split(/[;?]/, 1)

  return /^\[([^\]]*)\]/.exec(address)?.[1] ?? address.replace(/:\d+$/, '')
}
