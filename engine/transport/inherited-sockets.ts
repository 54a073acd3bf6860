import { readlinkSync } from 'node:fs'
import { hexAddress, systemSockets, type SystemSocket } from '../../base/system-sockets.ts'
import type { ListenOptions } from './listener.ts'

/** The first socket that a service manager passes (sd_listen_fds(3), SD_LISTEN_FDS_START). */
const firstFd = 3

/** What a service manager tells of the sockets that it passes (sd_listen_fds(3)). */
interface InheritingProcess {
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The listeners, each with the open socket that the service manager has passed for its address and port: systemd's socket units
 * keep them, with what arrives, while the process is restarted. Those of other addresses are opened as always. Without
 * `LISTEN_FDS` for this process, and on other systems than Linux, nothing is changed.
 */
export function withInheritedSockets<Options extends ListenOptions>(
  listen: Options[],
  { pid, env }: InheritingProcess,
): (Options & Pick<ListenOptions, 'fd'>)[] {
  const count = Number(env.LISTEN_FDS ?? 0)
  if (env.LISTEN_PID !== String(pid) || !(count > 0)) return listen
  const inodes = Array.from({ length: count }, (_, nth) => inodeOf(firstFd + nth))
  const sockets = { udp: systemSockets('udp') ?? [], tcp: systemSockets('tcp') ?? [] }

  return listen.map((options) => {
    const found = sockets[options.transport === 'udp' ? 'udp' : 'tcp'].find(
      (socket) => inodes.includes(socket.inode) && isAt(options, socket),
    )

    return found ? { ...options, fd: firstFd + inodes.indexOf(found.inode) } : options
  })
}

function isAt({ address, port }: ListenOptions, socket: SystemSocket): boolean {
  return socket.port === port && socket.address === hexAddress(address)
}

/** Undefined for what is no socket. */
function inodeOf(fd: number): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]
  } catch {
    return undefined
  }
}
