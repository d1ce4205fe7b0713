import { COAP_OPTIONS } from "./coap_registry.ts";
import type { DecoderId } from "./decoder_names.ts";
import { type FieldPath, parsePath, pathName } from "./field_path.ts";
import { STUN_ATTRIBUTES } from "./stun_registry.ts";
import { WIRESHARK_FIELDS } from "./wireshark_fields.ts";

/** Where the values of a named field are among what a decoder finds. */
export interface FieldPlace {
  readonly paths: readonly FieldPath[];
  /** Of those only values that look so. */
  readonly only?: RegExp;
}

/** The fields that a decoder can find. */
export interface DecoderFields {
  /** Names as filters have them, `dns.qry.name`, as far as they can be told before there is a payload. */
  readonly names: readonly string[];
  /** Undefined where the decoder never finds such a field. */
  find(name: string): FieldPlace | undefined;
}

/** What they find by names that the payload brings along, or that no list has. */
const OPEN: Readonly<Record<DecoderId, RegExp>> = {
  dns: /^(?:answer|authority|additional)\.data(?![\w-])|^(?:question|answer|authority|additional|left_over)$/,
  mdns: /^(?:answer|authority|additional)\.data(?![\w-])|^(?:question|answer|authority|additional|left_over)$/,
  coap: /^option_\d+$/,
  ntp: /^(?:extension_0x[0-9a-f]+|data)$/,
  rtp: /^(?:header_extension|header_extension\.data|padding_bytes)$/,
  stun: /^(?:attribute_\w+|channel_number|data|left_over)$/,
  syslog: /^structured_data(?![\w-])/,
  json: /./,
  msgpack: /./,
  cbor: /./,
  ssdp: /./,
  statsd: /./,
  osc: /./,
  protobuf: /^_\d+_/,
};

/** Names of a registry that fields have. */
const LISTED: Readonly<Partial<Record<DecoderId, readonly string[]>>> = {
  coap: Object.values(COAP_OPTIONS).map(({ name }) => pathName(name)),
  stun: Object.values(STUN_ATTRIBUTES).map(({ name }) => pathName(name)),
};

/** The fields of a built-in decoder: by Wireshark's names where it has them, and by ours, which are those that the detail shows. */
export function builtInFields(id: DecoderId): DecoderFields {
  const theirs = WIRESHARK_FIELDS[id] ?? {};
  const ours = new Set([
    ...Object.values(theirs).flatMap(({ paths }) => paths),
    ...(LISTED[id] ?? []),
  ]);
  return {
    names: [...Object.keys(theirs), ...[...ours].map((path) => `${id}.${path}`)],
    find(name) {
      const known = Object.hasOwn(theirs, name) ? theirs[name] : undefined;
      if (known) {
        const { only } = known;
        return { paths: known.paths.map((path) => parsePath(path) ?? []), ...(only && { only }) };
      }
      const path = pathBehind(name, id);
      const parsed = path === undefined ? undefined : parsePath(path);
      if (path === undefined || !parsed) return undefined;
      const plain = path.replace(/\[\d+\]/g, "");
      return ours.has(plain) || OPEN[id].test(plain) ? { paths: [parsed] } : undefined;
    },
  };
}

/** `qry.name` of `dns.qry.name`, `[0].x` of `json[0].x`; undefined where the name is not of that decoder. */
export function pathBehind(name: string, id: string): string | undefined {
  if (!name.startsWith(id)) return undefined;
  const rest = name.slice(id.length);
  if (rest.startsWith("[")) return rest;
  return rest.startsWith(".") && rest.length > 1 ? rest.slice(1) : undefined;
}
