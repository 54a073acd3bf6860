import type { Settings } from '../../config/index.ts'
import { rtpengineProblem } from '../media/rtpengine/index.ts'
import type { CheckFinding } from './finding.ts'

/** Whether each server of RTPENGINE answers `ping`. */
export async function checkRtpengines({ media }: Pick<Settings, 'media'>): Promise<CheckFinding[]> {
  if (media.kind !== 'rtpengine') return []

  return Promise.all(
    media.servers.map(async (address) => {
      const { host, port } = address
      const check = `rtpengine ${host.includes(':') ? `[${host}]` : host}:${port}`
      const problem = await rtpengineProblem(address, media.timeoutMs)
      if (problem === undefined) return { check, state: 'ok', detail: 'answers ping' }

      return {
        ...{ check, state: 'failed', where: 'RTPENGINE', detail: `does not answer ping: ${problem}` },
        hint: 'Start rtpengine there, or name the address and port of its --listen-ng.',
      }
    }),
  )
}
