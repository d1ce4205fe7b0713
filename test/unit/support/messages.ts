import coap from "coap-packet";
import dns from "dns-packet";
import { bytesOf, utf8 } from "./decoding.ts";

/** Messages that other implementations have made, or that a specification prints, for more than one test. */

const SOA = {
  ...{ mname: "ns1.example.org", rname: "hostmaster.example.org", serial: 2026112001 },
  ...{ refresh: 7200, retry: 3600, expire: 1209600, minimum: 300 },
};

export const DNS_MESSAGES: readonly Uint8Array[] = [
  dns.encode({
    type: "query",
    id: 1,
    flags: dns.RECURSION_DESIRED,
    questions: [{ type: "AAAA", name: "www.example.org" }],
  }),
  dns.encode({
    type: "response",
    id: 0xbeef,
    flags: dns.AUTHORITATIVE_ANSWER | dns.RECURSION_DESIRED | dns.RECURSION_AVAILABLE,
    questions: [{ type: "A", name: "www.example.org" }],
    answers: [
      { type: "CNAME", name: "www.example.org", ttl: 300, data: "a.example.org" },
      { type: "A", name: "a.example.org", ttl: 60, data: "192.0.2.1" },
      { type: "AAAA", name: "a.example.org", ttl: 60, data: "2001:db8::1" },
      { type: "MX", name: "example.org", data: { preference: 10, exchange: "mail.example.org" } },
      { type: "TXT", name: "example.org", data: ["v=spf1 -all", "two"] },
      {
        type: "SRV",
        name: "_sip._udp.example.org",
        data: { priority: 1, weight: 2, port: 5060, target: "sip.example.org" },
      },
      { type: "CAA", name: "example.org", data: { flags: 0, tag: "issue", value: "ca.example" } },
    ],
    authorities: [
      { type: "SOA", name: "example.org", data: SOA },
      { type: "NS", name: "example.org", data: "ns1.example.org" },
    ],
    additionals: [
      {
        ...{ type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 0 },
        ...{ flags: dns.DNSSEC_OK, flag_do: true },
        options: [{ code: 10, data: Buffer.from("1122334455667788", "hex") }],
      } as unknown as dns.Answer,
    ],
  }),
  // Compressed, by a program that does: dig's answer for a name, its mail servers and their address.
  bytesOf(
    "000784000001000200000001 076578616d706c65036f726700 000f0001" +
      "c00c000f00010000012c0009 000a 046d61696cc00c" +
      "c00c000f00010000012c0004 0014 c02b" +
      "c02b000100010000012c0004 c0000219",
  ),
];

export const COAP_MESSAGES: readonly Uint8Array[] = [
  coap.generate({
    ...{ code: "0.01", confirmable: true, messageId: 0x1234, token: Buffer.from("abcd", "hex") },
    options: [
      { name: "Uri-Host", value: Buffer.from("example.org") },
      { name: "Observe", value: Buffer.of(0) },
      { name: "Uri-Path", value: Buffer.from("sensors") },
      { name: "Uri-Path", value: Buffer.from("temperature in the greenhouse") },
      { name: "Uri-Query", value: Buffer.from("unit=C") },
      { name: "Accept", value: Buffer.of(50) },
      { name: 2048, value: Buffer.alloc(300, 7) },
    ],
  }),
  coap.generate({
    ...{ code: "2.05", ack: true, confirmable: false, messageId: 0x1234 },
    ...{ token: Buffer.from("abcd", "hex"), payload: Buffer.from('{"t":21.5}') },
    options: [
      { name: "Content-Format", value: Buffer.of(50) },
      { name: "Max-Age", value: Buffer.of(1, 0) },
      { name: "Block2", value: Buffer.of(0x1e) },
    ],
  }),
  coap.generate({ code: "0.00", reset: true, messageId: 7 }),
];

/** RFC 5769 section 2: a request, and answers over IPv4 and IPv6. */
export const STUN_MESSAGES = {
  request: bytesOf(
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74" +
      "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020" +
      "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf",
  ),
  ipv4: bytesOf(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147" +
      "e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96",
  ),
  ipv6: bytesOf(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147" +
      "0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c",
  ),
} as const;

export const NTP_MESSAGES: readonly Uint8Array[] = [
  bytesOf(`23${"0".repeat(78)}e8f3c1d2 80000000`),
  bytesOf(
    "1c0203e9 00000a1b 00000f00 c0000201 e8f3c1d0 00000000 e8f3c1d2 80000000 e8f3c1d2 90000000 e8f3c1d2 90000001",
  ),
  bytesOf(
    `240103e9 00000000 00000010 47505300 e8f3c1d0 00000000 e8f3c1d2 80000000 e8f3c1d2 90000000 e8f3c1d2 90000001 0000000a ${"5a".repeat(16)}`,
  ),
];

export const RTP_MESSAGES: readonly Uint8Array[] = [
  bytesOf("80000001000000a001020304 d5d5d5d5"),
  bytesOf("b1e00002000000a001020304 09090909 bede0001 10aa0000 010203 000002"),
];

/** What protobufjs writes of `{id: 7, temp: 21.5, name: "north", at: {x: 1, y: -1}}`, and two of these with lists. */
export const PROTOBUF_MESSAGES: readonly Uint8Array[] = [
  bytesOf("0807 15 0000ac41 1a05 6e6f727468 220d 0801 10ffffffffffffffffff01"),
  bytesOf("08ac02 19 52b81e85eb510a40 2205 736f757468 2a03 010203 3203 ff00fe 3a00"),
];

export const SYSLOG_MESSAGES: readonly Uint8Array[] = [
  // RFC 5424 section 6.5, examples 1, 3 and 4.
  "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
  '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] \ufeffAn application event log entry...',
  '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="a\\"b\\]c\\\\d"][examplePriority@32473 class="high"]',
  // RFC 3164 section 5.4.
  "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
  "<13>Feb  5 17:32:18 10.0.0.99 app[230]: Use the BFG!",
].map(utf8);
