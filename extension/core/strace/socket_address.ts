import { canonicalAddress, parseAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { bytesOf, fieldOf, listOf, numberOf, type Value } from "./values.ts";

/** With a zone. */
const MOST_ADDRESS = 60;

/**
 * The address in a `struct sockaddr`:
 *
 *     {sa_family=AF_INET, sin_port=htons(5000), sin_addr=inet_addr("\x31...")}
 *     {sa_family=AF_INET6, sin6_port=htons(5000), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "\x3a...", &sin6_addr), ...}
 *
 * Undefined for another family, and where there is none. The zone is left out, as in all captures.
 */
export function socketAddress(value: Value | undefined): Endpoint | undefined {
  const family = fieldOf(value, "sa_family");
  if (family?.kind !== "word") return undefined;
  const isSix = family.text === "AF_INET6";
  if (!isSix && family.text !== "AF_INET") return undefined;
  const port = numberOf(fieldOf(value, isSix ? "sin6_port" : "sin_port"));
  const address = isSix
    ? listOf(value).find((item) => isCallOf(item.value, "inet_pton"))?.value
    : fieldOf(value, "sin_addr");
  const text = bytesOf(listOf(address)[isSix ? 1 : 0]?.value);
  if (port === undefined || !text || text.length > MOST_ADDRESS) return undefined;
  return endpointOf(new TextDecoder("latin1").decode(text), port);
}

/** Undefined where it is no address, or no port. An IPv4 address in IPv6 is IPv4. */
export function endpointOf(address: string, port: number): Endpoint | undefined {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) return undefined;
  return parseAddress(address) && { address: canonicalAddress(address), port };
}

/** Whether it says that a socket is not to be connected any more (connect(2)). */
export function isUnspecified(value: Value | undefined): boolean {
  const family = fieldOf(value, "sa_family");
  return family?.kind === "word" && family.text === "AF_UNSPEC";
}

function isCallOf(value: Value, name: string): boolean {
  return value.kind === "group" && value.name === name;
}
