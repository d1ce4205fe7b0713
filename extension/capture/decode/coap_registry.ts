/** Numbers of the registry of "CoRE Parameters" at IANA. */

export const COAP_CODES: Readonly<Record<string, string>> = {
  "0.01": "GET",
  "0.02": "POST",
  "0.03": "PUT",
  "0.04": "DELETE",
  "0.05": "FETCH",
  "0.06": "PATCH",
  "0.07": "iPATCH",
  "2.01": "Created",
  "2.02": "Deleted",
  "2.03": "Valid",
  "2.04": "Changed",
  "2.05": "Content",
  "2.31": "Continue",
  "4.00": "Bad Request",
  "4.01": "Unauthorized",
  "4.02": "Bad Option",
  "4.03": "Forbidden",
  "4.04": "Not Found",
  "4.05": "Method Not Allowed",
  "4.06": "Not Acceptable",
  "4.08": "Request Entity Incomplete",
  "4.09": "Conflict",
  "4.12": "Precondition Failed",
  "4.13": "Request Entity Too Large",
  "4.15": "Unsupported Content-Format",
  "4.22": "Unprocessable Entity",
  "4.29": "Too Many Requests",
  "5.00": "Internal Server Error",
  "5.01": "Not Implemented",
  "5.02": "Bad Gateway",
  "5.03": "Service Unavailable",
  "5.04": "Gateway Timeout",
  "5.05": "Proxying Not Supported",
};

export interface CoapOption {
  readonly name: string;
  /** What its bytes are; an empty one has none. */
  readonly kind: "text" | "uint" | "opaque" | "empty";
}

export const COAP_OPTIONS: Readonly<Record<number, CoapOption>> = {
  1: { name: "If-Match", kind: "opaque" },
  3: { name: "Uri-Host", kind: "text" },
  4: { name: "ETag", kind: "opaque" },
  5: { name: "If-None-Match", kind: "empty" },
  6: { name: "Observe", kind: "uint" },
  7: { name: "Uri-Port", kind: "uint" },
  8: { name: "Location-Path", kind: "text" },
  9: { name: "OSCORE", kind: "opaque" },
  11: { name: "Uri-Path", kind: "text" },
  12: { name: "Content-Format", kind: "uint" },
  14: { name: "Max-Age", kind: "uint" },
  15: { name: "Uri-Query", kind: "text" },
  16: { name: "Hop-Limit", kind: "uint" },
  17: { name: "Accept", kind: "uint" },
  20: { name: "Location-Query", kind: "text" },
  23: { name: "Block2", kind: "uint" },
  27: { name: "Block1", kind: "uint" },
  28: { name: "Size2", kind: "uint" },
  35: { name: "Proxy-Uri", kind: "text" },
  39: { name: "Proxy-Scheme", kind: "text" },
  60: { name: "Size1", kind: "uint" },
  252: { name: "Echo", kind: "opaque" },
  258: { name: "No-Response", kind: "uint" },
  292: { name: "Request-Tag", kind: "opaque" },
};

export const CONTENT_FORMATS: Readonly<Record<number, string>> = {
  0: "text/plain",
  40: "application/link-format",
  41: "application/xml",
  42: "application/octet-stream",
  47: "application/exi",
  50: "application/json",
  60: "application/cbor",
  61: "application/cwt",
  110: "application/senml+json",
  112: "application/senml+cbor",
};
