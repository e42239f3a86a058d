import { BlockList, isIP } from 'node:net'

/** Addresses that don't belong to a host on the internet (IANA's special-purpose registries), and one that acts so. */
const SPECIAL_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's virtual machines are told their secrets from here.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, what is reserved, and broadcast.
  ['224.0.0.0', 3],
]

const SPECIAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  // Teredo and the rest of the protocol assignments, documentation, 6to4, documentation again.
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** All that can be public: global unicast, and the two forms that wrap an IPv4 address (mapped, NAT64). */
const GLOBAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2000::', 3],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
]

const special = new BlockList()
for (const [network, prefix] of SPECIAL_IPV4) {
  // A rule for IPv4 is one for mapped addresses as well.
  special.addSubnet(network, prefix, 'ipv4')
  special.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6')

const global = new BlockList()
for (const [network, prefix] of GLOBAL_IPV6) global.addSubnet(network, prefix, 'ipv6')

/**
 * Whether a host on the internet may have this IP address: not so for loopback, private, link-local (metadata services
 * are there), shared, multicast and reserved ones, in whichever form. False for anything that is no IP address.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4')
    case 6:
      return global.check(address, 'ipv6') && !special.check(address, 'ipv6')
    default:
      return false
  }
}
