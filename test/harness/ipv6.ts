import { networkInterfaces } from 'node:os'

/** Whether this machine has the loopback of IPv6; a container often has not. */
export const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
