import { DrachtioServer } from '../../engine/drachtio/index.ts'
import type { TestAuthority } from '../engine/transport/certificates.ts'
import { stacks, type Stack } from './stacks.ts'

const udp = { transport: 'udp', address: '127.0.0.1', port: 0 } as const

export interface CertificateFiles {
  authority: TestAuthority
  own: { certificate: string; key: string }
}

/** The stacks of the harness, with a TLS listener. */
export const secureStacks: { name: string; stack: (files: CertificateFiles) => Stack }[] = [
  {
    name: 'embedded',
    stack: ({ authority, own }) => ({
      ...stacks[0]!,
      open: () =>
        Promise.resolve({
          env: {
            DRACHTIO_HOST: '',
            SIP_LISTEN: 'udp:127.0.0.1:0,tcp:127.0.0.1:0,tls:127.0.0.1:0',
            SIP_TLS_CERTIFICATES: own.certificate,
            SIP_TLS_KEYS: own.key,
            SIP_TLS_AUTHORITIES: authority.certificate,
          },
          close: () => Promise.resolve(),
        }),
    }),
  },
  {
    name: 'drachtio-srf on our engine',
    stack: ({ authority, own }) => ({
      ...stacks[1]!,
      open: async () => {
        const tls = { certificates: [own] as [typeof own], authorities: authority.certificate }
        const server = new DrachtioServer({
          admin: [{ address: '127.0.0.1', port: 0 }],
          secret: 'sips',
          sip: {
            listen: [udp, { ...udp, transport: 'tcp' }, { ...udp, transport: 'tls', tls }],
            timers: { t1: 200, t2: 1000, t4: 800 },
          },
        })
        await server.start()

        return {
          env: { DRACHTIO_HOST: '127.0.0.1', DRACHTIO_PORT: String(server.adminPorts[0]), DRACHTIO_SECRET: 'sips' },
          close: () => server.close(),
        }
      },
    }),
  },
]
