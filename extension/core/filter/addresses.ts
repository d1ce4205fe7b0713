import { isLoopbackAddress, parseAddress, parseAddressAsWritten } from "../wire/address.ts";
import { type NumberTest, numberCondition, PORT, part, type ValueText } from "./numbers.ts";
import { type Span, WrongFilter } from "./problem.ts";

/** True for an address of 4 or 16 bytes that is meant. */
export type AddressTest = (address: Uint8Array) => boolean;

/** True for an end of a flow that is meant. */
export type EndTest = (address: Uint8Array, port: number) => boolean;

/** The addresses from `low` to `high`, of the same length. */
export interface AddressRange {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

/**
 * A test for what `from:` and its like take: an address, a prefix, `localhost`, each with a port or without; or only a
 * port. An IPv6 address with a port stands in brackets (RFC 3986 section 3.2.2). Ports may be ranges, or `>1023`.
 *
 * @throws WrongFilter where the text is none of them.
 */
export function endCondition(value: ValueText): EndTest {
  const { text } = value;
  if (/^[<>=]?=?\d+$|^\d*\.\.\d*$/.test(text)) return withPort(undefined, portTest(value));
  const match =
    /^(?:(?<host>[^:[\]/]*(?:\/[^:[\]]*)?)|\[(?<bracketed>[^\]]+)\](?<bits>\/\d+)?)(?::(?<port>[^:]+))?$/.exec(
      text,
    );
  // What is left are IPv6 addresses without brackets, and so without a port; or nothing that makes sense.
  if (!match?.groups) return withPort(addressTest(value), undefined);
  const { host, bracketed, bits = "", port } = match.groups;
  const name = host ?? `${bracketed ?? ""}${bits}`;
  const place = host === undefined ? value : part(value, 0, host.length);
  const address = host === "" ? undefined : addressTest({ ...place, text: name });
  const ports =
    port === undefined ? undefined : portTest(part(value, text.length - port.length, text.length));
  return withPort(address, ports);
}

/**
 * Reads an address or a prefix, `10.0.0.0/8`.
 *
 * @throws WrongFilter where the text is none of them, or of another length than `size` bytes.
 */
export function parseAddresses(value: ValueText, size?: 4 | 16): AddressRange {
  const [, text = "", bits] = /^([^/]*)(?:\/(.*))?$/s.exec(value.text) ?? [];
  const address = size === 16 ? parseAddressAsWritten(text) : parseAddress(text);
  if (!address || (size !== undefined && address.length !== size)) {
    throw new WrongFilter(value, "badAddress", value.text, size === 16 ? "::1" : "127.0.0.1");
  }
  if (bits === undefined) return { low: address, high: address };
  const size8 = address.length * 8;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > size8) {
    throw new WrongFilter(value, "badPrefix", bits, String(size8));
  }
  return prefixRange(address, Number(bits));
}

/** Less than 0, 0 or more than 0, as `a` is before, at or behind `b`; both of the same length. */
export function compareAddresses(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isWithin(address: Uint8Array, { low, high }: AddressRange): boolean {
  return (
    address.length === low.length &&
    compareAddresses(address, low) >= 0 &&
    compareAddresses(address, high) <= 0
  );
}

function addressTest(value: ValueText): AddressTest {
  // RFC 6761 section 6.3: loopback, of either family.
  if (value.text.toLowerCase() === "localhost") return isLoopbackAddress;
  const range = parseAddresses(value);
  const isMapped = value.text.includes(":") && range.low.length === 4;
  if (!isMapped || value.text.includes("/")) return (address) => isWithin(address, range);
  // What a dual-stack socket calls an IPv4 peer, or really an IPv6 address.
  const mapped = parseAddresses(value, 16);
  return (address) => isWithin(address, range) || isWithin(address, mapped);
}

function portTest(value: Span & { text: string }): NumberTest {
  return numberCondition(PORT, value);
}

function withPort(address: AddressTest | undefined, port: NumberTest | undefined): EndTest {
  if (!address) return (_address, number) => port?.(number) ?? true;
  if (!port) return (bytes) => address(bytes);
  return (bytes, number) => address(bytes) && port(number);
}

function prefixRange(address: Uint8Array, bits: number): AddressRange {
  const low = address.slice();
  const high = address.slice();
  for (let index = 0; index < address.length; index++) {
    const free = 0xff >> Math.min(8, Math.max(0, bits - index * 8));
    low[index] = (address[index] ?? 0) & ~free;
    high[index] = (address[index] ?? 0) | free;
  }
  return { low, high };
}
