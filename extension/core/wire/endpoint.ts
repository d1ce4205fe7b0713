/** One end of a UDP exchange: an IP address and a port. */
export interface Endpoint {
  /** An IPv4 or IPv6 address in its usual text form, without brackets: `127.0.0.1`, `::1`. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * An endpoint as people write it: `127.0.0.1:9999`, `[::1]:9999` (RFC 3986 section 3.2.2: brackets
 * keep the colons of an IPv6 address apart from the one before the port).
 */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
