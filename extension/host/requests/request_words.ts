/** The words of request files, and what each is for; who shows them translates them. */
export const WORD_DOCS = {
  SEND: "Sends one datagram, which stands below it: SEND 127.0.0.1:9999, or with from :40001",
  EXPECT:
    "How many answers have to come, and by when; what has to be true of each stands below it.",
  SERVE: "Answers on this port while the other blocks ask.",
  WHEN: "What has to be true of a datagram, so that it is answered with the REPLY below it.",
  AND: "What else has to be true, besides WHEN.",
  REPLY: "The answer: REPLY hex 60 45 after 20ms. There may be several, and none is silence.",
  REPLAY:
    "Sends what the first sender of a capture sent then: REPLAY boot.pcapng to 127.0.0.1:9999",
  "@timeout": "How long is waited for answers where EXPECT does not say it.",
  "@retries": "How often a datagram is sent again when not enough has come.",
  "@loop": "How often the block runs.",
  "@sleep": "A pause before the block.",
  "@disabled": "The block is not run.",
  "@tag": "Words by which blocks are chosen: udp_run --tag WORD",
  "@use": "A definition whose fields the file uses.",
  length: "The number of bytes.",
  bytes: "The bytes, or some of them: bytes[4], bytes[4..8], bytes[4..]",
  text: "The payload as text; it fails where it is no UTF-8.",
  json: "A value of a payload that is JSON: json.list[0].name",
  from: "The address and port of who answered.",
  delay: "The time from the datagram to its answer: delay < 20ms",
  seq: "The number of the datagram in this run, from 1 on.",
  now: "Seconds since 1970.",
  random: "So many bytes by chance.",
  request: "In REPLY: what was asked.",
  refused: "Nobody has that port, and the system says so.",
  same: "The answers of the recording, but for the bytes behind except.",
} as const;

export type DocumentedWord = keyof typeof WORD_DOCS;
