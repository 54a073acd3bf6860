import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, statfs } from 'node:fs/promises'

import type { Settings } from '../../config/index.ts'
import { defaultSettings } from '../../engine/index.ts'
import type { CheckFinding } from './finding.ts'

/** Files that Baton has open beside its connections: logs, segments, sockets, modules. */
const otherFiles = 100
const mebibyte = 1024 * 1024
const { udpReceiveBuffer: udpReceiveBytes } = defaultSettings
/** Free bytes of the data folder's disk below which a finding is a warning, or has failed. */
const lowBytes = 1024 * mebibyte
const fullBytes = 100 * mebibyte

/** The figures of the machine that Baton runs on; undefined where the system does not tell. */
export interface MachineFigures {
  freeBytes: number | undefined
  openFiles: number | undefined
  /** What a UDP socket gets that asks for as much as a listener does. */
  receiveBytes: number | undefined
}

/** What the machine gives this process. */
export async function machineFigures({ dataDir }: Settings): Promise<MachineFigures> {
  const [disk, limits, receiveBytes] = await Promise.all([
    statfs(dataDir).catch(() => undefined),
    readFile('/proc/self/limits', 'latin1').catch(() => ''),
    grantedReceiveBytes(),
  ])
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []

  return {
    freeBytes: disk && disk.bavail * disk.bsize,
    openFiles: soft === undefined ? undefined : Number(soft),
    receiveBytes,
  }
}

/** Asked of a socket: a container does not see `net.core.rmem_max` of its machine. Undefined where there is no socket to be had. */
export async function grantedReceiveBytes(): Promise<number | undefined> {
  const socket = createSocket('udp4')
  try {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.setRecvBufferSize(udpReceiveBytes)
    // socket(7): Linux doubles the size for its own records, and says that.
    return socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1)
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

/** Whether the disk, the open files and the receive buffers are enough for what the settings allow. */
export function checkMachine(settings: Settings, figures: MachineFigures): CheckFinding[] {
  return [
    ...checkDisk(settings, figures),
    ...checkOpenFiles(settings, figures),
    ...checkReceiveBuffer(settings, figures),
  ]
}

function checkDisk({ dataDir, history }: Settings, { freeBytes }: MachineFigures): CheckFinding[] {
  if (freeBytes === undefined) return []
  const check = 'disk'
  const detail = `${inWords(freeBytes)} free for ${dataDir}`
  const hint = 'Make room, or set DATA_DIR to another disk; HISTORY_SIZE bounds what ended calls may take.'
  if (freeBytes < fullBytes) return [{ check, state: 'failed', detail, where: 'DATA_DIR', hint }]
  if (freeBytes < lowBytes) return [{ check, state: 'warning', detail, where: 'DATA_DIR', hint }]
  if (history && history.bytes > freeBytes) {
    const more = `${detail}, and HISTORY_SIZE lets history take up to ${inWords(history.bytes)}`

    return [{ check, state: 'warning', detail: more, where: 'HISTORY_SIZE', hint }]
  }

  return [{ check, state: 'ok', detail }]
}

function checkOpenFiles({ sip, httpLimits }: Settings, { openFiles }: MachineFigures): CheckFinding[] {
  if (openFiles === undefined) return []
  const check = 'open files'
  const connections = sip.listen.filter(({ transport }) => transport !== 'udp').length * sip.maxConnections
  const needed = connections + 2 * httpLimits.connections + otherFiles
  const detail = `${openFiles} may be open`
  if (openFiles >= needed) return [{ check, state: 'ok', detail }]

  return [
    {
      ...{ check, state: 'warning', where: 'SIP_MAX_CONNECTIONS' },
      detail: `${detail}, and the settings allow connections that need ${needed}`,
      hint: `Raise the limit (ulimit -n ${needed}, LimitNOFILE= of systemd), or allow fewer connections.`,
    },
  ]
}

/** Whether a UDP listener has room for the datagrams that come while the event loop is busy. */
export function checkReceiveBuffer(
  { sip, drachtio, drachtioListen }: Settings,
  { receiveBytes }: Pick<MachineFigures, 'receiveBytes'>,
): CheckFinding[] {
  const isUdp = !drachtio && !drachtioListen && sip.listen.some(({ transport }) => transport === 'udp')
  if (!isUdp || receiveBytes === undefined) return []
  const check = 'receive buffer'
  const detail = `${inWords(Math.min(receiveBytes, udpReceiveBytes))} for each UDP listener`
  if (receiveBytes >= udpReceiveBytes) return [{ check, state: 'ok', detail }]

  return [
    {
      ...{ check, state: 'warning', where: 'net.core.rmem_max' },
      detail: `${detail}, of the ${inWords(udpReceiveBytes)} that Baton asks for`,
      hint: `sysctl -w net.core.rmem_max=${udpReceiveBytes}, then restart Baton: in a burst of calls the system drops what has no room.`,
    },
  ]
}

function inWords(bytes: number): string {
  if (bytes < mebibyte) return `${Math.round(bytes / 1024)} KiB`

  return bytes < 1024 * mebibyte ? `${Math.round(bytes / mebibyte)} MiB` : `${(bytes / mebibyte / 1024).toFixed(1)} GiB`
}
