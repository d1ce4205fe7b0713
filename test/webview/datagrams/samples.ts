import type { DecodedField } from "../../../extension/core/decode/decoded.ts";
import type { FakeDatagram } from "./fake_host.ts";

const utf8 = new TextEncoder();

function field(
  name: string,
  value: string,
  from: number,
  to: number,
  fields: readonly DecodedField[] = [],
): DecodedField {
  return { name, value, from, to, fields };
}

/** `dig example.org`, with the bytes of each field as RFC 1035 section 4 tells them. */
const query = [
  0x1c, 0xa2, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0x65, 0x78, 0x61, 0x6d, 0x70, 0x6c, 0x65, 3,
  0x6f, 0x72, 0x67, 0, 0, 1, 0, 1,
];

/** One datagram for each thing that a detail can show. */
export const samples: readonly FakeDatagram[] = [
  {
    direction: "in",
    local: "127.0.0.1:5353",
    payload: query,
    preview:
      "1c a2 01 20 00 01 00 00 00 00 00 00 07 65 78 61 6d 70 6c 65 03 6f 72 67 00 00 01 00 01",
    isHex: true,
    length: query.length,
    note: "delivered 0.2 ms",
    facts: [
      {
        text: "Delivered: dns.mjs received it 0.2 ms after client.mjs had sent it.",
        isAnomaly: false,
      },
    ],
    decoded: {
      protocol: "DNS",
      origin: "DNS, told by port or content",
      decoder: "dns",
      summary: "query A example.org",
      fields: [
        field("id", "0x1ca2", 0, 2),
        field("flags", "0x0120", 2, 4, [
          field("qr", "query", 2, 3),
          field("rd", "recursion desired", 2, 3),
          field("ad", "authentic data", 3, 4),
        ]),
        field("question", "example.org A", 12, 29, [
          field("name", "example.org", 12, 25),
          field("type", "A", 25, 27),
          field("class", "IN", 27, 29),
        ]),
      ],
    },
  },
  {
    direction: "out",
    payload: [...utf8.encode('{"sensor":"t1","values":[21.4,21.5],"at":1763640062,"ok":true}')],
    preview: '{"sensor":"t1","values":[21.4,21.5],"at":1763640062,"ok":true}',
    length: 62,
    note: "sent",
    facts: [
      {
        text: "Sent. Whether it arrived is not known: no tapped program is known to have had 127.0.0.1:53211 then.",
        isAnomaly: false,
      },
    ],
  },
  {
    direction: "out",
    payload: [...utf8.encode("Hello, Tracy!\nHow are you?")],
    preview: "Hello, Tracy!\\nHow are you?",
    length: 26,
    note: "lost",
    isAnomaly: true,
    facts: [
      {
        text: "Lost: 127.0.0.1:53211 was tapped and did not receive it within a second.",
        isAnomaly: true,
      },
      {
        text: "Most often the receive buffer was full; UDP does not send again.",
        isAnomaly: false,
      },
    ],
  },
  {
    direction: "in",
    payload: [...utf8.encode("Michael")],
    preview: "Michael",
    length: 7,
    decoded: {
      protocol: "CoAP",
      origin: "CoAP, as chosen for port 9999",
      problem: "This is no CoAP message. Byte 0 is M, which has no meaning there.",
    },
  },
];
