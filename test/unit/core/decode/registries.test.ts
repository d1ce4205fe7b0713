import assert from "node:assert/strict";
import type { DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { bytesOf, decoded, flat, utf8 } from "../../support/decoding.ts";
import { dissect } from "../../support/dissection.ts";
import { areInstalled } from "../../support/tshark.ts";

interface Registry {
  readonly name: string;
  readonly id: DecoderId;
  /** Where nothing has been assigned since Wireshark 4.0. */
  readonly numbers: readonly number[];
  /** A message that holds this number. */
  readonly message: (number: number) => Uint8Array;
  /** What our field tells of it, the name first. */
  readonly ours: RegExp;
  /** The field that Wireshark names it in. */
  readonly theirs: string;
  /** What names it in the line of that field. */
  readonly line?: RegExp;
  /** Wireshark's words → ours; "" for what is left to its number here. All others have to be the same. */
  readonly words?: Readonly<Record<string, string>>;
  /** What Wireshark 4.0 has no name for, or another than the registry. */
  readonly unlike?: Readonly<Record<number, string>>;
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const hex = (number: number, bytes: number): string => number.toString(16).padStart(2 * bytes, "0");
const dnsFlags = (flags: number): Uint8Array =>
  bytesOf(`0001 ${hex(flags, 2)} ${"0000".repeat(4)}`);
const question = (type: number, kind: number): Uint8Array =>
  bytesOf(`0001 0000 0001 0000 0000 0000 00 ${hex(type, 2)} ${hex(kind, 2)}`);
const STUN_ID = "2112a442 000102030405060708090a0b";

const REGISTRIES: readonly Registry[] = [
  {
    name: "types of DNS",
    id: "dns",
    numbers: [...range(1, 65), ...range(99, 109), ...range(249, 257), 32_768, 32_769],
    message: (type) => question(type, 1),
    ours: /^question\/type=(.*)/,
    theirs: "dns.qry.type",
    words: { "NULL RR": "NULL", "*": "ANY" },
    unlike: { 53: "SMIMEA", 56: "NINFO" },
  },
  {
    name: "classes of DNS",
    id: "dns",
    numbers: [...range(1, 8), ...range(250, 256)],
    message: (kind) => question(1, kind),
    ours: /^question\/class=(.*)/,
    theirs: "dns.qry.class",
    words: { CS: "" },
  },
  {
    name: "opcodes of DNS",
    id: "dns",
    numbers: range(0, 15),
    message: (opcode) => dnsFlags(opcode << 11),
    ours: /^flags\/opcode=(.*)/,
    theirs: "dns.flags.opcode",
    words: {
      "Standard query": "QUERY",
      "Inverse query": "IQUERY",
      "Server status request": "STATUS",
      "Zone change notification": "NOTIFY",
      "Dynamic update": "UPDATE",
      "DNS Stateful operations": "DSO",
    },
  },
  {
    name: "response codes of DNS",
    id: "dns",
    numbers: range(0, 15),
    message: (code) => dnsFlags(0x8000 | code),
    ours: /^flags\/rcode=(.*)/,
    theirs: "dns.flags.rcode",
    words: {
      "No error": "NOERROR",
      "Format error": "FORMERR",
      "Server failure": "SERVFAIL",
      "No such name": "NXDOMAIN",
      "Not implemented": "NOTIMP",
      "Name exists": "YXDOMAIN",
      "RRset exists": "YXRRSET",
      "RRset does not exist": "NXRRSET",
      "Not authoritative": "NOTAUTH",
      "Name out of zone": "NOTZONE",
      "DSO-Type not implemented": "DSOTYPENI",
    },
  },
  {
    name: "EDNS options",
    id: "dns",
    numbers: range(1, 15),
    message: (option) =>
      bytesOf(`0001 8000 0000 0000 0000 0001 00 0029 04d0 00000000 0004 ${hex(option, 2)} 0000`),
    ours: /^additional\/data\/(.*)=/,
    theirs: "dns.opt.code",
    words: {
      UL: "UPDATE-LEASE",
      CSUBNET: "CLIENT-SUBNET",
      "EDNS EXPIRE": "EXPIRE",
      "EDNS TCP Keepalive": "TCP-KEEPALIVE",
      "Extended DNS Error": "EXTENDED-ERROR",
    },
    unlike: { 14: "KEY-TAG" },
  },
  {
    name: "keys of service parameters",
    id: "dns",
    numbers: range(0, 8),
    message: (key) =>
      bytesOf(
        `0001 8000 0000 0001 0000 0000 00 0040 0001 00000000 0007 0001 00 ${hex(key, 2)} 0000`,
      ),
    ours: /^answer\/data\/(?!priority|target)(.*)=/,
    theirs: "dns.svcb.svcparam.key",
    unlike: { 5: "ech", 7: "dohpath", 8: "ohttp" },
  },
  {
    name: "codes of CoAP",
    id: "coap",
    // From 7.00 on they are of CoAP over TCP.
    numbers: range(1, 0xdf),
    message: (code) => bytesOf(`40 ${hex(code, 1)} 0001`),
    // Wireshark leaves the digits out of requests.
    ours: /^code=(?:0\.\d\d ?|\d\.\d\d$)?(.*)/,
    theirs: "coap.code",
  },
  {
    name: "options of CoAP",
    id: "coap",
    // Those left out have been assigned since.
    numbers: range(1, 300).filter((option) => ![13, 19, 21, 31].includes(option)),
    message: (option) => {
      if (option < 13) return bytesOf(`40 01 0001 ${hex(option << 4, 1)}`);
      const isShort = option < 269;
      return bytesOf(
        `40 01 0001 ${isShort ? `d0${hex(option - 13, 1)}` : `e0${hex(option - 269, 2)}`}`,
      );
    },
    ours: /^([A-Z][^=]*|option [^=]*)=/,
    theirs: "coap.opt.name",
    line: /#1: (Unknown|[^:]*)/,
    words: { "No-Op": "" },
    unlike: { 252: "Echo", 258: "No-Response", 292: "Request-Tag" },
  },
  {
    name: "content formats of CoAP",
    id: "coap",
    numbers: [0, ...range(40, 62), ...range(96, 102), ...range(110, 115)],
    message: (format) => bytesOf(`40 01 0001 c2 ${hex(format, 2)}`),
    ours: /^Content-Format=(.*)/,
    theirs: "coap.opt.name",
    line: /Content-Format: (Unknown|.*)/,
    words: { "text/plain; charset=utf-8": "text/plain" },
  },
  {
    name: "methods of STUN",
    id: "stun",
    numbers: range(0, 0x2f),
    message: (method) =>
      bytesOf(`${hex((method & 15) | ((method & 0x70) << 1), 2)} 0000 ${STUN_ID}`),
    ours: /^type=(.*) request \(/,
    theirs: "stun.type",
    line: /\((.*) Request\)/,
    words: { SharedSecret: "" },
  },
  {
    name: "attributes of STUN",
    id: "stun",
    numbers: [...range(1, 0x2f), ...range(0x8000, 0x8005), ...range(0x8022, 0x8030)],
    // The value is an address: most have none, but those that do are read.
    message: (attribute) =>
      bytesOf(`0001 000c ${STUN_ID} ${hex(attribute, 2)} 0008 0001 04d2 7f000001`),
    ours: /^(attribute .*|[A-Z].*)=/,
    theirs: "stun.att.type",
    words: Object.fromEntries(
      // Of RFC 3489 and of drafts: messages that have them have no cookie.
      [
        ...["RESPONSE_ADDRESS", "SOURCE_ADDRESS", "CHANGED_ADDRESS", "PASSWORD", "REFLECTED-FROM"],
        ...["MS-ALTERNATE-SERVER", "MAGIC-COOKIE", "BANDWIDTH", "DESTINATION-ADDRESS"],
        "XOR-REFELECTED-FROM",
      ].map((name) => [name, ""]),
    ),
    // As RFC 5780 has it; Wireshark has the name of a draft.
    unlike: { 39: "RESPONSE-PORT", 32813: "ECN-CHECK" },
  },
  {
    name: "payload types of RTP",
    id: "rtp",
    numbers: range(0, 95),
    message: (type) => bytesOf(`80 ${hex(type, 1)} 0001 000000a0 01020304 d5d5d5d5`),
    ours: /^payload type=(.*)/,
    theirs: "rtp.p_type",
    words: {
      "ITU-T G.711 PCMU": "PCMU",
      "USA Federal Standard FS-1016": "",
      "ITU-T G.721": "",
      "GSM 06.10": "GSM",
      "ITU-T G.723": "G723",
      "DVI4 8000 samples/s": "DVI4/8000",
      "DVI4 16000 samples/s": "DVI4/16000",
      "Experimental linear predictive encoding from Xerox PARC": "LPC",
      "ITU-T G.711 PCMA": "PCMA",
      "ITU-T G.722": "G722",
      "16-bit uncompressed audio, stereo": "L16 stereo",
      "16-bit uncompressed audio, monaural": "L16",
      "Qualcomm Code Excited Linear Predictive coding": "QCELP",
      "Comfort noise": "CN",
      "MPEG-I/II Audio": "MPA",
      "ITU-T G.728": "G728",
      "DVI4 11025 samples/s": "DVI4/11025",
      "DVI4 22050 samples/s": "DVI4/22050",
      "ITU-T G.729": "G729",
      "Sun CellB video encoding": "CelB",
      "JPEG-compressed video": "JPEG",
      "&#x27;nv&#x27; program": "nv",
      "ITU-T H.261": "H261",
      "MPEG-I/II Video": "MPV",
      "MPEG-II transport streams": "MP2T",
      "ITU-T H.263": "H263",
      "Reserved for RTCP conflict avoidance": "",
    },
    // Reserved: comfort noise of a draft.
    unlike: { 19: "" },
  },
  {
    name: "leap seconds of NTP",
    id: "ntp",
    numbers: range(0, 3),
    message: (leap) => bytesOf(`${hex((leap << 6) | 0x24, 1)} ${"00".repeat(47)}`),
    ours: /^leap=(.*)/,
    theirs: "ntp.flags.li",
    words: {
      "last minute of the day has 61 seconds": "61 s",
      "last minute of the day has 59 seconds": "59 s",
      unknown: "unsynchronized",
    },
  },
  {
    name: "modes of NTP",
    id: "ntp",
    numbers: range(0, 7),
    message: (mode) => bytesOf(`${hex(0x20 | mode, 1)} ${"00".repeat(47)}`),
    ours: /^mode=(.*)/,
    theirs: "ntp.flags.mode",
    words: { "reserved for NTP control message": "control", "reserved for private use": "private" },
  },
  {
    name: "strata of NTP",
    id: "ntp",
    numbers: range(0, 255),
    message: (stratum) => bytesOf(`24 ${hex(stratum, 1)} ${"00".repeat(46)}`),
    ours: /^stratum=(.*)/,
    theirs: "ntp.stratum",
    words: {
      "unspecified or invalid": "unspecified",
      "primary reference": "primary",
      "secondary reference": "",
      reserved: "",
    },
  },
  {
    name: "facilities of syslog",
    id: "syslog",
    numbers: range(0, 23),
    message: (facility) => utf8(`<${facility * 8}>1 - - - - - -`),
    ours: /^facility=(.*)/,
    theirs: "syslog.facility",
    words: { LOGAUDIT: "audit", LOGALERT: "alert" },
    // Wireshark has what Solaris makes of it.
    unlike: { 15: "clock" },
  },
  {
    name: "severities of syslog",
    id: "syslog",
    numbers: range(0, 7),
    message: (severity) => utf8(`<${184 + severity}>1 - - - - - -`),
    ours: /^severity=(.*)/,
    theirs: "syslog.level",
    words: { EMERG: "emergency", CRIT: "critical", ERR: "error", INFO: "informational" },
  },
];

/** Where a field or its value has no name. */
const NUMBER = /^(?:option |attribute |method |key)?(?:0x[\da-f]+|\d+)$/;
const UNNAMED = ["Unknown", "Unassigned"];
/** In a line such as "000. .... = Type: A (Host Address) (1)". */
const NAME = /: (.*?)(?: - .*| \(.*)?$/;

describe("the names of numbers", () => {
  for (const registry of REGISTRIES) {
    const { name, id, numbers, message, theirs, line = NAME, words = {}, unlike = {} } = registry;

    it(`are those that Wireshark has for the ${name}`, async function () {
      if (!(await areInstalled("tshark"))) this.skip();
      const packets = await dissect(id, numbers.map(message));
      assert.equal(packets.length, numbers.length);
      const expected = numbers.map((number, index) => {
        const field = packets[index]?.find((one) => one.name === theirs);
        const word = line.exec(field?.line ?? "")?.[1] ?? "";
        const known = UNNAMED.includes(word) ? "" : (words[word] ?? word);
        return `${number} ${plain(unlike[number] ?? known)}`;
      });
      const named = expected.filter((text) => !text.endsWith(" "));
      assert.ok(named.length > Object.keys(unlike).length + 2, named.join());
      const mine = numbers.map((number) => `${number} ${plain(ourName(registry, number))}`);
      assert.deepEqual(mine, expected);
    });
  }
});

/** Our name of a number; "" where it has none. */
function ourName({ id, message, ours }: Registry, number: number): string {
  const [name] = flat(decoded(id, message(number)).fields).flatMap(
    ([path, value]) => ours.exec(`${path}=${value}`)?.[1] ?? [],
  );
  const word = (name ?? "").replace(/ \(\d+\)$/, "");
  return NUMBER.test(word) ? "" : word;
}

/** Letters and digits: the rest is spelled in more than one way. */
function plain(name: string): string {
  return name.toLowerCase().replace(/&#?\w+;|[^a-z0-9]/g, "");
}
