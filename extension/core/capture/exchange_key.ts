/** Protocols whose answers name the request that they answer. */
export const KEYED_PROTOCOLS = ["dns", "coap", "stun", "ntp"] as const;
export type KeyedProtocol = (typeof KEYED_PROTOCOLS)[number];

/** Bytes of a payload that {@link exchangeKey} looks at, at most. */
export const KEY_BYTES = 48;

/**
 * What a request and its answer have in common and no other request has: the id of DNS (RFC 1035 section 4.1.1), the
 * token of CoAP, or without one its message id (RFC 7252 section 5.3.1), the transaction id of STUN (RFC 8489 section
 * 5), the time that an NTP client sent and is given back (RFC 5905 section 7.3). Undefined where the payload has none.
 */
export function exchangeKey(protocol: KeyedProtocol, payload: Uint8Array): string | undefined {
  const part = KEYS[protocol](payload);
  return part && [protocol, ...part].join(" ");
}

const KEYS: Readonly<Record<KeyedProtocol, (payload: Uint8Array) => Uint8Array | undefined>> = {
  dns: (payload) => (payload.length >= 12 ? payload.subarray(0, 2) : undefined),
  coap: coapKey,
  stun: (payload) =>
    payload.length >= 20 && payload.subarray(4, 8).join() === "33,18,164,66"
      ? payload.subarray(8, 20)
      : undefined,
  ntp: (payload) => {
    if (payload.length < KEY_BYTES) return undefined;
    const mode = (payload[0] ?? 0) & 7;
    if (mode === 3) return payload.subarray(40, 48);
    return mode === 4 ? payload.subarray(24, 32) : undefined;
  },
};

function coapKey(payload: Uint8Array): Uint8Array | undefined {
  const [first = 0, code = 0] = payload;
  const tokenLength = first & 15;
  // An empty message (code 0) acknowledges that a request came, and answers nothing.
  if (first >> 6 !== 1 || code === 0 || tokenLength > 8 || payload.length < 4 + tokenLength) {
    return undefined;
  }
  return tokenLength > 0 ? payload.subarray(4, 4 + tokenLength) : payload.subarray(2, 4);
}
