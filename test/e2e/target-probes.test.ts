import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TlsOptions } from 'node:tls'
import type { TargetView } from '../../server/targets/index.ts'
import { TestAuthority } from '../engine/transport/certificates.ts'
import type { Baton } from '../harness/baton.ts'
import { needs } from '../harness/needs.ts'
import { OptionsServer } from '../harness/options-server.ts'
import { freePort } from '../harness/ports.ts'
import { secureStacks } from '../harness/secure-stacks.ts'
import { sharedBaton } from '../harness/shared-baton.ts'
import { until } from '../harness/until.ts'

const probe = { interval: 0.3, timeout: 1, down_after: 1, up_after: 1, back_off: 0.5 }
const names = ['tcp', 'refused', 'tls', 'stranger', 'expired', 'listed', 'any', 'unlisted'] as const

const targetAt = async (baton: Baton, port: number): Promise<TargetView> => {
  const { targets } = await baton.api<{ targets: TargetView[] }>('GET', '/v1/targets')

  return targets.find(({ id }) => id.endsWith(`:${port}`)) ?? assert.fail(`no target at ${port}`)
}

const isIn = (baton: Baton, port: number, state: string): Promise<TargetView> =>
  until(`the target at ${port} is ${state}`, async () => {
    const target = await targetAt(baton, port)

    return target.state === state && target
  })

/** A gauge of the target at a port; undefined without a sample. */
const metricOf = async (baton: Baton, port: number, name = 'baton_target_up'): Promise<number | undefined> =>
  [...(await baton.metrics())].find(([key]) => key.startsWith(`${name}{`) && key.includes(`:${port}"`))?.[1]

for (const { name, stack } of secureStacks) {
  describe(`Probes of targets (${name})`, () => {
    needs('openssl')
    const ports = {} as Record<(typeof names)[number], number>
    const hosts: OptionsServer[] = []
    let authority: TestAuthority
    const at = (transport: string, gateway: (typeof names)[number]) =>
      `sip:127.0.0.1:${ports[gateway]}${transport === 'udp' ? '' : `;transport=${transport}`}`
    const baton = sharedBaton(async () => {
      authority = new TestAuthority()
      for (const each of names) ports[each] = await freePort()
      const gateways = [
        ...[at('tcp', 'tcp'), at('tcp', 'refused'), at('tls', 'tls'), at('tls', 'stranger'), at('tls', 'expired')],
        at('udp', 'any'),
      ]
      const strict = { gateways: [at('udp', 'listed'), at('udp', 'unlisted')], probe: { ...probe, ok: [200, 404] } }

      return {
        stack: stack({ authority, own: authority.issue('own', 'IP:127.0.0.1') }),
        file: {
          trunks: [
            { name: 'carrier', peers: ['127.0.0.0/8'], probe, gateways },
            { name: 'strict', peers: ['192.0.2.1'], ...strict },
          ],
        },
      }
    })

    const withCertificate = (issuer: TestAuthority, file: string, days?: number): TlsOptions => {
      const { certificate, key } = issuer.issue(file, 'IP:127.0.0.1', days)

      return { cert: readFileSync(certificate), key: readFileSync(key) }
    }
    const serving = async (opening: Promise<OptionsServer>): Promise<OptionsServer> => {
      const host = await opening
      hosts.push(host)

      return host
    }

    after(() => {
      for (const host of hosts) host.close()
      authority.remove()
    })

    it('over TCP: up with an answer, down with the reason where the connection is refused', async () => {
      await serving(OptionsServer.tcp(ports.tcp))
      assert.equal((await isIn(baton(), ports.tcp, 'up')).reason, '200 OK to OPTIONS')
      const { reason, addresses } = await isIn(baton(), ports.refused, 'down')
      assert.match(reason, /^OPTIONS could not be sent: No TCP Connection \(.*ECONNREFUSED/)
      assert.deepEqual(
        addresses.map(({ address, port, transport, state }) => [address, port, transport, state]),
        [['127.0.0.1', ports.refused, 'tcp', 'down']],
      )
      assert.deepEqual([await metricOf(baton(), ports.tcp), await metricOf(baton(), ports.refused)], [1, 0])
    })

    it('over TLS: up with a certificate that is trusted, down with what is wrong with another', async () => {
      const others = new TestAuthority('Another authority')
      await serving(OptionsServer.tls(ports.tls, withCertificate(authority, 'gateway', 9)))
      await serving(OptionsServer.tls(ports.stranger, withCertificate(others, 'stranger')))
      await serving(OptionsServer.tls(ports.expired, withCertificate(authority, 'expired', -1)))
      others.remove()
      const { certificateExpires = '' } = await isIn(baton(), ports.tls, 'up')
      /** The target is down since before its host listened: its last result tells. */
      const lastOf = (port: number, expected: RegExp) =>
        until(`the last result matches ${String(expected)}`, async () => {
          const { state, lastResults } = await targetAt(baton(), port)
          assert.match(`${state}: ${lastResults[0]?.what}`, expected)
        })
      await lastOf(ports.expired, /^down: OPTIONS could not be sent: No TLS Connection \(certificate has expired\)$/)
      await lastOf(ports.stranger, /^down: OPTIONS could not be sent: No TLS Connection \(.*certificate/)
      // A drachtio server keeps the certificates of its peers to itself.
      if (name !== 'embedded') return
      const days = (Date.parse(certificateExpires) - Date.now()) / 86_400_000
      assert.ok(days > 8 && days < 9.1, certificateExpires)
      const expiry = await metricOf(baton(), ports.tls, 'baton_target_certificate_expiry_timestamp_seconds')
      assert.equal(expiry, Date.parse(certificateExpires) / 1000)
      const { findings } = await baton().api<{ findings: { check: string; state: string; detail: string }[] }>(
        'GET',
        '/v1/doctor',
      )
      const found = findings.find(({ check }) => check.startsWith('certificate of gateway'))
      assert.match(`${found?.state}: ${found?.detail}`, /^warning: expires in 8 days, on /)
    })

    it('what is an answer: each but 503 and silence, or those of a list', async () => {
      const any = await serving(OptionsServer.udp(ports.any))
      const listed = await serving(OptionsServer.udp(ports.listed))
      const unlisted = await serving(OptionsServer.udp(ports.unlisted))
      listed.status = '404 Not Found'
      unlisted.status = '405 Method Not Allowed'
      for (const status of ['404 Not Found', '405 Method Not Allowed']) {
        any.status = status
        assert.equal((await isIn(baton(), ports.any, 'up')).reason, `${status} to OPTIONS`)
        any.status = '503 Service Unavailable'
        assert.equal((await isIn(baton(), ports.any, 'down')).reason, '503 Service Unavailable to OPTIONS')
      }
      assert.equal((await isIn(baton(), ports.listed, 'up')).reason, '404 Not Found to OPTIONS')
      await until('405 is no good answer', async () => {
        const { state, lastResults } = await targetAt(baton(), ports.unlisted)

        return state === 'down' && lastResults[0]?.what === '405 Method Not Allowed to OPTIONS'
      })
      listed.status = ''
      assert.equal((await isIn(baton(), ports.listed, 'down')).reason, 'no answer to OPTIONS')
    })
  })
}
