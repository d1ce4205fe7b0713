/** The sample that the language of request files was made for: with a definition and a recording beside it, it runs as it stands. */
export const SENSOR_SAMPLE = `# Anything behind a hash is a comment. Names are for the whole file.
@device = 127.0.0.1:5683

### Reads the temperature
# @timeout 500ms
# @retries 2
SEND {{device}}
hex 40 01 {{seq u16be}} b4 "temp" {{crc16/modbus}}

EXPECT 1 within 200ms
length == 8
bytes startsWith hex 60 45
sensor.temp > -40
@temp = sensor.temp

### Nothing answers a wrong command
SEND {{device}}
"frobnicate\\n"
EXPECT 0 within 300ms

### A device to test against
SERVE 127.0.0.1:5683
WHEN bytes startsWith hex 40 01
REPLY hex 60 45 {{request[2..4]}} 00 fa {{crc16/modbus}}
WHEN text matches /^get (\\w+)/
REPLY "no such thing: {{1}}\\n" after 20ms

### Last Tuesday's boot still works
REPLAY boot.pcapng to {{device}}
EXPECT same except bytes[4..8]
`;

/** sensor.ksy: what the device answers. */
export const SENSOR_KSY = `meta:
  id: sensor
  endian: be
seq:
  - id: magic
    contents: [0x60, 0x45]
  - id: seq
    type: u2
  - id: temp
    type: s2
    doc: In tenths of a degree.
  - id: crc
    type: u2le
`;

/** boot.pcapng: a question, and an answer with another temperature; \`changed\` is one byte of that which is another one. */
export function bootCapture(changed?: number): Buffer {
  const question = Buffer.from("40010009b474656d706ce7", "hex");
  const answer = Buffer.from("6045000900c815e0", "hex");
  if (changed !== undefined) answer[changed] = (answer[changed] ?? 0) ^ 1;
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.from("4d3c2b1a01000000ffffffffffffffff", "hex")),
    block(1, Buffer.from("6500000000000000", "hex")),
    packet(40_000, 5683, question),
    packet(5683, 40_000, answer),
  ]);
}

/** A block of a pcapng file, little-endian. */
function block(type: number, body: Buffer): Buffer {
  const length = 12 + Math.ceil(body.length / 4) * 4;
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  body.copy(bytes, 8);
  bytes.writeUInt32LE(length, length - 4);
  return bytes;
}

/** An Enhanced Packet of a raw IPv4 packet (LINKTYPE_RAW) between two ports of one machine. */
function packet(from: number, to: number, payload: Buffer): Buffer {
  const ip = Buffer.alloc(28);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + payload.length, 2);
  ip[9] = 17;
  ip.set([127, 0, 0, 1], 12);
  ip.set([127, 0, 0, 1], 16);
  ip.writeUInt16BE(from, 20);
  ip.writeUInt16BE(to, 22);
  ip.writeUInt16BE(8 + payload.length, 24);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(ip.length + payload.length, 12);
  head.writeUInt32LE(ip.length + payload.length, 16);
  return block(6, Buffer.concat([head, ip, payload]));
}
