/** Numbers of the registry of "Session Traversal Utilities for NAT (STUN) Parameters" at IANA. */

export const STUN_METHODS: Readonly<Record<number, string>> = {
  1: "Binding",
  3: "Allocate",
  4: "Refresh",
  6: "Send",
  7: "Data",
  8: "CreatePermission",
  9: "ChannelBind",
  10: "Connect",
  11: "ConnectionBind",
  12: "ConnectionAttempt",
};

export interface StunAttribute {
  readonly name: string;
  readonly kind: "hex" | "text" | "number" | "types" | "error" | "address" | "xor address";
}

export const STUN_ATTRIBUTES: Readonly<Record<number, StunAttribute>> = {
  1: { name: "MAPPED-ADDRESS", kind: "address" },
  3: { name: "CHANGE-REQUEST", kind: "hex" },
  6: { name: "USERNAME", kind: "text" },
  8: { name: "MESSAGE-INTEGRITY", kind: "hex" },
  9: { name: "ERROR-CODE", kind: "error" },
  10: { name: "UNKNOWN-ATTRIBUTES", kind: "types" },
  12: { name: "CHANNEL-NUMBER", kind: "hex" },
  13: { name: "LIFETIME", kind: "number" },
  18: { name: "XOR-PEER-ADDRESS", kind: "xor address" },
  19: { name: "DATA", kind: "hex" },
  20: { name: "REALM", kind: "text" },
  21: { name: "NONCE", kind: "text" },
  22: { name: "XOR-RELAYED-ADDRESS", kind: "xor address" },
  23: { name: "REQUESTED-ADDRESS-FAMILY", kind: "hex" },
  24: { name: "EVEN-PORT", kind: "hex" },
  25: { name: "REQUESTED-TRANSPORT", kind: "hex" },
  26: { name: "DONT-FRAGMENT", kind: "hex" },
  27: { name: "ACCESS-TOKEN", kind: "hex" },
  28: { name: "MESSAGE-INTEGRITY-SHA256", kind: "hex" },
  29: { name: "PASSWORD-ALGORITHM", kind: "hex" },
  30: { name: "USERHASH", kind: "hex" },
  32: { name: "XOR-MAPPED-ADDRESS", kind: "xor address" },
  34: { name: "RESERVATION-TOKEN", kind: "hex" },
  36: { name: "PRIORITY", kind: "number" },
  37: { name: "USE-CANDIDATE", kind: "hex" },
  38: { name: "PADDING", kind: "hex" },
  39: { name: "RESPONSE-PORT", kind: "hex" },
  42: { name: "CONNECTION-ID", kind: "hex" },
  32768: { name: "ADDITIONAL-ADDRESS-FAMILY", kind: "hex" },
  32769: { name: "ADDRESS-ERROR-CODE", kind: "hex" },
  32770: { name: "PASSWORD-ALGORITHMS", kind: "hex" },
  32771: { name: "ALTERNATE-DOMAIN", kind: "text" },
  32772: { name: "ICMP", kind: "hex" },
  32802: { name: "SOFTWARE", kind: "text" },
  32803: { name: "ALTERNATE-SERVER", kind: "address" },
  32808: { name: "FINGERPRINT", kind: "hex" },
  32809: { name: "ICE-CONTROLLED", kind: "hex" },
  32810: { name: "ICE-CONTROLLING", kind: "hex" },
  32811: { name: "RESPONSE-ORIGIN", kind: "address" },
  32812: { name: "OTHER-ADDRESS", kind: "address" },
};
