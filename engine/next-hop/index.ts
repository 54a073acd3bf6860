export { type DnsAnswer, type Dns, type DnsRecords, type DnsRecordType, SystemDns } from './dns.ts'
export type { Reach } from './locate.ts'
export { NextHopSelector } from './next-hop-selector.ts'
export { Resolver } from './resolver.ts'
