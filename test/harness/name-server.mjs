// Loaded into a Baton: its DNS client asks the name server of a test (test/harness/name-server.ts), at NAME_SERVER.
import dns from 'node:dns'

const { Resolver } = dns.promises

dns.promises.Resolver = class extends Resolver {
  constructor(options) {
    super(options)
    this.setServers([process.env.NAME_SERVER])
  }
}
