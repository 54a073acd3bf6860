import { connect } from 'node:net'

/** Milliseconds that FreeSWITCH may take to say anything. */
const patience = 3000

/**
 * Asks FreeSWITCH's event socket in, once. The library itself would try for ever, and say nothing of a wrong password.
 * Rejects, naming the setting to change.
 */
export function greetFreeSwitch({ host, port, secret }: { host: string; port: number; secret: string }): Promise<void> {
  const name = `FreeSWITCH's event socket at ${host}:${port}`

  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    let said = ''
    const end = (problem?: string): void => {
      socket.destroy()
      if (problem === undefined) resolve()
      else reject(new Error(problem))
    }
    socket.setTimeout(patience, () => {
      end(`FREESWITCH: ${name} does not answer`)
    })
    socket.on('error', (error) => {
      end(`FREESWITCH: ${name} cannot be reached (${error.message})`)
    })
    socket.on('close', () => {
      end(`FREESWITCH: ${name} closed the connection; does its access list have us?`)
    })
    socket.setEncoding('utf8').on('data', (chunk) => {
      const before = said
      said += String(chunk)
      if (!before.includes('auth/request') && said.includes('auth/request')) socket.write(`auth ${secret}\n\n`)
      if (said.includes('+OK accepted')) end()
      else if (said.includes('-ERR')) end(`FREESWITCH_SECRET: ${name} refuses it`)
      else if (said.includes('rude-rejection')) end(`FREESWITCH: ${name} has no access list that lets us in`)
    })
  })
}
