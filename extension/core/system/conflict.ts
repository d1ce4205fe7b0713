import { canonicalAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";

/**
 * True where a UDP socket that is bound to `taken` keeps another one from being bound to `wanted`: the same port, on the
 * same address or on any. `::` takes the port of IPv4 as well, unless the socket is for IPv6 alone (RFC 3493 section
 * 5.3), which nobody tells.
 */
export function isConflict(wanted: Endpoint, taken: Endpoint): boolean {
  if (wanted.port !== taken.port) return false;
  const one = canonicalAddress(wanted.address);
  const other = canonicalAddress(taken.address);
  return one === other || covers(one, other) || covers(other, one);
}

function covers(wildcard: string, address: string): boolean {
  return wildcard === "::" || (wildcard === "0.0.0.0" && !address.includes(":"));
}
