import assert from "node:assert/strict";
import type { DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decoded, flat, utf8 } from "../../support/decoding.ts";
import { dissect } from "../../support/dissection.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
  SYSLOG_MESSAGES,
} from "../../support/messages.ts";
import { areInstalled } from "../../support/tshark.ts";

interface Comparison {
  readonly id: DecoderId;
  /** As tshark's `-d` has it; left out where it recognises the content. */
  readonly protocol?: string;
  readonly messages: readonly Uint8Array[];
  /** Names of ours → the one that Wireshark has for all of them, but for these values. Every name has to be found. */
  readonly fields: readonly (readonly [ours: RegExp, theirs: string, except?: RegExp])[];
}

const COMPARISONS: readonly Comparison[] = [
  {
    id: "dns",
    protocol: "dns",
    messages: DNS_MESSAGES,
    fields: [
      [/^ID$/, "dns.id"],
      [/^flags$/, "dns.flags"],
      [/^flags\/opcode$/, "dns.flags.opcode"],
      [/^question count$/, "dns.count.queries"],
      [/^answer count$/, "dns.count.answers"],
      [/^authority count$/, "dns.count.auth_rr"],
      [/^question\/name$/, "dns.qry.name"],
      [/^question\/type$/, "dns.qry.type"],
      [/^question\/class$/, "dns.qry.class"],
      // Wireshark splits the name of a service.
      [/^(answer|authority|additional)\/name$/, "dns.resp.name", /^_/],
      [/^(answer|authority|additional)\/type$/, "dns.resp.type"],
      [/^(answer|authority|additional)\/class$/, "dns.resp.class"],
      [/^(answer|authority|additional)\/TTL$/, "dns.resp.ttl"],
      [/^(answer|authority|additional)\/length$/, "dns.resp.len"],
      [/\/canonical name$/, "dns.cname"],
      [/\/preference$/, "dns.mx.preference"],
      [/\/mail exchange$/, "dns.mx.mail_exchange"],
      [/\/port$/, "dns.srv.port"],
      [/\/target$/, "dns.srv.target"],
      [/\/primary name server$/, "dns.soa.mname"],
      [/\/serial$/, "dns.soa.serial_number"],
      [/\/expire$/, "dns.soa.expire_limit"],
      [/\/name server$/, "dns.ns"],
      [/\/UDP payload size$/, "dns.rr.udp_payload_size"],
    ],
  },
  {
    id: "coap",
    protocol: "coap",
    messages: COAP_MESSAGES,
    fields: [
      [/^version$/, "coap.version"],
      [/^type$/, "coap.type"],
      [/^code$/, "coap.code"],
      [/^message ID$/, "coap.mid"],
      [/^token$/, "coap.token"],
      [/^([A-Z].*|option \d+)$/, "coap.opt.name"],
    ],
  },
  {
    id: "stun",
    messages: Object.values(STUN_MESSAGES),
    fields: [
      [/^type$/, "stun.type"],
      [/^length$/, "stun.length"],
      [/^magic cookie$/, "stun.cookie"],
      [/^transaction ID$/, "stun.id"],
    ],
  },
  {
    id: "ntp",
    protocol: "ntp",
    messages: NTP_MESSAGES,
    fields: [
      [/^leap$/, "ntp.flags.li"],
      [/^mode$/, "ntp.flags.mode"],
      [/^stratum$/, "ntp.stratum"],
      [/^precision$/, "ntp.precision"],
      [/^root dispersion$/, "ntp.rootdispersion"],
      [/^reference ID$/, "ntp.refid"],
      [/^reference$/, "ntp.reftime"],
      [/^origin$/, "ntp.org"],
      [/^receive$/, "ntp.rec"],
      [/^transmit$/, "ntp.xmt"],
      [/^key ID$/, "ntp.keyid"],
    ],
  },
  {
    id: "rtp",
    protocol: "rtp",
    messages: RTP_MESSAGES,
    fields: [
      [/^CSRC count$/, "rtp.cc"],
      [/^marker$/, "rtp.marker"],
      [/^payload type$/, "rtp.p_type"],
      [/^sequence number$/, "rtp.seq"],
      [/^timestamp$/, "rtp.timestamp"],
      [/^SSRC$/, "rtp.ssrc"],
      [/^CSRC$/, "rtp.csrc.item"],
      [/^header extension\/profile$/, "rtp.ext.profile"],
      [/^header extension\/length$/, "rtp.ext.len"],
      [/^header extension\/data$/, "rtp.hdr_exts"],
      [/^payload$/, "rtp.payload"],
    ],
  },
  {
    id: "syslog",
    protocol: "syslog",
    messages: SYSLOG_MESSAGES.slice(0, 3),
    fields: [
      [/^facility$/, "syslog.facility"],
      [/^severity$/, "syslog.level"],
      [/^version$/, "syslog.version"],
      [/^timestamp$/, "syslog.timestamp"],
      [/^host$/, "syslog.hostname"],
      [/^application$/, "syslog.appname"],
      [/^process ID$/, "syslog.procid"],
    ],
  },
  {
    id: "json",
    protocol: "json",
    messages: ['{"a" : [1, 2.5e3, {"b":"c\\n\\u4f60"}],\n "d":null, "你": true}'].map(utf8),
    fields: [[/^"[^/]*"$|\/"[^/]*"$/, "json.member"]],
  },
];

describe("the bytes of each field", () => {
  for (const { id, protocol, messages, fields } of COMPARISONS) {
    it(`are those that Wireshark finds in ${id}`, async function () {
      if (!(await areInstalled("tshark"))) this.skip();
      const theirs = await dissect(protocol, messages);
      assert.equal(theirs.length, messages.length);
      const found = new Set<string>();
      for (const [index, message] of messages.entries()) {
        const mine = flat(decoded(id, message).fields);
        for (const [ours, name, except] of fields) {
          const here = mine
            .filter(([path, value]) => ours.test(path) && !except?.test(value))
            .map(([, , from, to]) => [from, to]);
          const there = theirs[index]?.filter((field) => field.name === name) ?? [];
          if (here.length > 0) found.add(name);
          assert.deepEqual(
            here,
            there.map(({ from, to }) => [from, to]),
            `${name} of ${index}`,
          );
        }
      }
      assert.deepEqual([...found].sort(), fields.map(([, name]) => name).sort());
    });
  }
});
