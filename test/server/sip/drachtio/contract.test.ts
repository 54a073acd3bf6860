import type { DrachtioServer } from '../../../../engine/drachtio/index.ts'
import { sipStackContract } from '../contract.ts'
import { adapter, at, engine } from './stacks.ts'

describe('on a drachtio server of ours', () => {
  const servers: DrachtioServer[] = []
  after(() => Promise.all(servers.map((server) => server.close())))

  sipStackContract('drachtio-srf', async () => {
    const server = await engine()
    servers.push(server)

    return adapter(at(server))
  })
})
