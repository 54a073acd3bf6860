import type { SipAddress, Transport } from '../stack.ts'

const listener = /^(udp|tcp|tls|wss?)\/(.+):(\d+)$/

/** The server's listeners, from what it says on connecting: `udp/192.0.2.1:5060,tcp/[2001:db8::1]:5060`. */
export function readHostPorts(hostPorts: string): SipAddress[] {
  return hostPorts.split(',').flatMap((text) => {
    const [, transport, host = '', port] = listener.exec(text.trim()) ?? []
    if (transport === undefined) return []

    return [{ transport: transport as Transport, address: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}
