/** Names only: what decodes is loaded when it is first used, see load_decoders.ts. */
export type DecoderId =
  | "dns"
  | "mdns"
  | "coap"
  | "msgpack"
  | "cbor"
  | "osc"
  | "stun"
  | "ntp"
  | "syslog"
  | "statsd"
  | "rtp"
  | "ssdp"
  | "json"
  | "protobuf";

export interface DecoderName {
  readonly id: DecoderId;
  /** As its users write it; not translated. */
  readonly name: string;
}

/** In the order of their names, for a list to choose from. */
export const DECODERS: readonly DecoderName[] = [
  { id: "cbor", name: "CBOR" },
  { id: "coap", name: "CoAP" },
  { id: "dns", name: "DNS" },
  { id: "json", name: "JSON" },
  { id: "mdns", name: "mDNS" },
  { id: "msgpack", name: "MessagePack" },
  { id: "ntp", name: "NTP" },
  { id: "osc", name: "OSC" },
  { id: "protobuf", name: "Protobuf" },
  { id: "rtp", name: "RTP" },
  { id: "ssdp", name: "SSDP" },
  { id: "statsd", name: "StatsD" },
  { id: "stun", name: "STUN" },
  { id: "syslog", name: "Syslog" },
];
