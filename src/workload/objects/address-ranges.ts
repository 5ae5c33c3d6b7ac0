/** Not the internet: IANA's special-purpose registry (RFC 6890) and clouds' metadata services. */
const closedIPv4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10", // CGNAT; also Alibaba's metadata service
  "127.0.0.0/8",
  "168.63.129.16/32", // Azure's WireServer
  "169.254.0.0/16", // link-local; metadata services
  "172.16.0.0/12",
  "192.0.0.0/24", // also Oracle's metadata service
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/**
 * As above; every translation prefix too, because behind it stands an IPv4 address. IPv4-mapped addresses (::ffff:0:0/96)
 * leave a pod as IPv4, and the API server refuses them here.
 */
const closedIPv6 = [
  "::/96",
  "64:ff9b::/96", // NAT64, RFC 6052
  "64:ff9b:1::/48", // NAT64, RFC 8215
  "100::/64",
  "2001::/32", // Teredo
  "2002::/16", // 6to4
  "fc00::/7", // unique local; fd00:ec2::254 is AWS's metadata service
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

/** What tenants may never reach, by family: special ranges, the cluster's own, its API server. Sorted, without repeats. */
export function closedRanges(cluster: { cidrs: readonly string[]; addresses: readonly string[] }): {
  ipv4: string[];
  ipv6: string[];
} {
  const own = [...cluster.cidrs, ...cluster.addresses.map(hostRange)];
  const isIPv6 = (range: string): boolean => range.includes(":");
  return {
    ipv4: unique([...closedIPv4, ...own.filter((range) => !isIPv6(range))]),
    ipv6: unique([...closedIPv6, ...own.filter(isIPv6)]),
  };
}

function hostRange(address: string): string {
  return address.includes(":") ? `${address}/128` : `${address}/32`;
}

function unique(ranges: readonly string[]): string[] {
  return [...new Set(ranges)].sort();
}
