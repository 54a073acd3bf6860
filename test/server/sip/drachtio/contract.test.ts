import { TimerWheel } from '../../../../engine/index.ts'
import type { DrachtioServer } from '../../../../engine/drachtio/index.ts'
import { DrachtioStack } from '../../../../server/sip/drachtio/index.ts'
import { onlyPeers, sipStackContract } from '../contract.ts'
import { adapter, at, engine, given, quiet } from './stacks.ts'

describe('on a drachtio server of ours', () => {
  const servers: DrachtioServer[] = []
  after(() => Promise.all(servers.map((server) => server.close())))

  sipStackContract('drachtio-srf', async () => {
    const server = await engine()
    servers.push(server)

    return adapter(at(server))
  })
})

if (given) {
  const mode = given
  describe('on the drachtio server at DRACHTIO_HOST', function () {
    // Its timers are RFC 3261's: 64*T1 is 32 s.
    this.timeout(90_000)
    sipStackContract('drachtio-srf there', () =>
      Promise.resolve(
        new DrachtioStack({
          ...{
            mode,
            userAgent: 'Baton',
            timers: { t1: 500 },
            minSession: 90,
            clock: new TimerWheel(),
            log: quiet,
            sources: onlyPeers,
          },
        }),
      ),
    )
  })
}
