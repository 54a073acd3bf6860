import type { Logger } from 'winston'
import type { Settings } from '../../../config/index.ts'
import { TimerWheel, type Clock } from '../../../engine/index.ts'
import { NgClient, type NgAddress } from './ng-client.ts'
import { Rtpengines } from './pool.ts'

/** The rtpengines that RTPENGINE names; undefined for another MEDIA. Each that goes down or is back is logged. */
export function createRtpengines({ media, nodeName }: Settings, clock: Clock, log: Logger): Rtpengines | undefined {
  if (media.kind !== 'rtpengine') return undefined

  return new Rtpengines({
    ...{ settings: media, nodeName, clock },
    changed: ({ name, isUp, problem }) => {
      if (isUp) log.info('rtpengine up', { server: name })
      else log.warn('rtpengine down', { server: name, problem })
    },
  })
}

/** Why the rtpengine at this ng address serves no calls; undefined when it answers `ping`. */
export async function rtpengineProblem(address: NgAddress, timeoutMs: number): Promise<string | undefined> {
  const clock = new TimerWheel()
  const client = new NgClient({ address, clock, timeoutMs })
  const answer = await client.command({ command: 'ping' })
  client.close()
  clock.clear()

  return answer.result === 'ok' ? undefined : answer.problem
}

export type { Rtpengines }
