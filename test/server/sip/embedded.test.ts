import { EmbeddedStack } from '../../../server/sip/embedded/index.ts'
import { sipStackContract } from './contract.ts'

sipStackContract('the embedded engine', () =>
  Promise.resolve(
    new EmbeddedStack({
      listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
      timers: { t1: 20, t2: 80, t4: 60 },
      userAgent: 'Baton',
      log: { warn: () => undefined, error: (message, fields) => console.error(message, fields) },
    }),
  ),
)
