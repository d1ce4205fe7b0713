import type { DecoderId } from "./decoder_names.ts";

/** A field of Wireshark's: the paths of ours that it stands for, and of those only values that look so. */
export interface WiresharkField {
  readonly paths: readonly string[];
  readonly only?: RegExp;
}

type Fields = Readonly<Record<string, WiresharkField>>;

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const IPV6 = /:/;
const SECTIONS = ["answer", "authority", "additional"];

const at = (...paths: string[]): WiresharkField => ({ paths });
/** Of the records of each section. */
const record = (path: string, only?: RegExp): WiresharkField => ({
  paths: SECTIONS.map((section) => `${section}.${path}`),
  ...(only && { only }),
});

/** RFC 1035; Wireshark has multicast DNS under the same names. */
const DNS: Fields = {
  "dns.id": at("ID"),
  "dns.flags": at("flags"),
  "dns.flags.response": at("flags.response"),
  "dns.flags.opcode": at("flags.opcode"),
  "dns.flags.authoritative": at("flags.authoritative"),
  "dns.flags.truncated": at("flags.truncated"),
  "dns.flags.recdesired": at("flags.recursion_desired"),
  "dns.flags.recavail": at("flags.recursion_available"),
  "dns.flags.authenticated": at("flags.authentic_data"),
  "dns.flags.checkdisable": at("flags.checking_disabled"),
  "dns.flags.rcode": at("flags.rcode"),
  "dns.count.queries": at("question_count"),
  "dns.count.answers": at("answer_count"),
  "dns.count.auth_rr": at("authority_count"),
  "dns.count.add_rr": at("additional_count"),
  "dns.qry.name": at("question.name"),
  "dns.qry.type": at("question.type"),
  "dns.qry.class": at("question.class"),
  "dns.qry.qu": at("question.unicast_response"),
  "dns.resp.name": record("name"),
  "dns.resp.type": record("type"),
  "dns.resp.class": record("class"),
  "dns.resp.cache_flush": record("cache_flush"),
  "dns.resp.ttl": record("TTL"),
  "dns.resp.len": record("length"),
  "dns.resp.edns0_version": record("version"),
  "dns.resp.ext_rcode": record("upper_bits_of_rcode"),
  "dns.resp.z": record("flags"),
  "dns.resp.z.do": record("flags.DNSSEC_OK"),
  "dns.rr.udp_payload_size": record("UDP_payload_size"),
  "dns.a": record("data.address", IPV4),
  "dns.aaaa": record("data.address", IPV6),
  "dns.cname": record("data.canonical_name"),
  "dns.ns": record("data.name_server"),
  "dns.ptr.domain_name": record("data.domain_name"),
  "dns.mx.preference": record("data.preference"),
  "dns.mx.mail_exchange": record("data.mail_exchange"),
  "dns.txt": record("data.text"),
  "dns.srv.priority": record("data.priority"),
  "dns.srv.weight": record("data.weight"),
  "dns.srv.port": record("data.port"),
  "dns.srv.target": record("data.target"),
  "dns.soa.mname": record("data.primary_name_server"),
  "dns.soa.rname": record("data.mailbox"),
  "dns.soa.serial_number": record("data.serial"),
  "dns.soa.refresh_interval": record("data.refresh"),
  "dns.soa.retry_interval": record("data.retry"),
  "dns.soa.expire_limit": record("data.expire"),
  "dns.soa.minimum_ttl": record("data.minimum"),
};

/** RFC 7252. */
const COAP: Fields = {
  "coap.version": at("version"),
  "coap.type": at("type"),
  "coap.token_len": at("token_length"),
  "coap.token": at("token"),
  "coap.code": at("code"),
  "coap.mid": at("message_ID"),
  "coap.payload": at("payload"),
  "coap.opt.uri_host": at("Uri-Host"),
  "coap.opt.uri_port": at("Uri-Port"),
  "coap.opt.uri_path": at("Uri-Path"),
  "coap.opt.uri_query": at("Uri-Query"),
  "coap.opt.location_path": at("Location-Path"),
  "coap.opt.location_query": at("Location-Query"),
  "coap.opt.ctype": at("Content-Format"),
  "coap.opt.accept": at("Accept"),
  "coap.opt.max_age": at("Max-Age"),
  "coap.opt.etag": at("ETag"),
  "coap.opt.if_match": at("If-Match"),
  "coap.opt.observe": at("Observe"),
  "coap.opt.size1": at("Size1"),
  "coap.opt.proxy_uri": at("Proxy-Uri"),
  "coap.opt.proxy_scheme": at("Proxy-Scheme"),
};

/** RFC 5905. */
const NTP: Fields = {
  "ntp.flags.li": at("leap"),
  "ntp.flags.vn": at("version"),
  "ntp.flags.mode": at("mode"),
  "ntp.stratum": at("stratum"),
  "ntp.ppoll": at("poll"),
  "ntp.precision": at("precision"),
  "ntp.rootdelay": at("root_delay"),
  "ntp.rootdispersion": at("root_dispersion"),
  "ntp.refid": at("reference_ID"),
  "ntp.reftime": at("reference"),
  "ntp.org": at("origin"),
  "ntp.rec": at("receive"),
  "ntp.xmt": at("transmit"),
  "ntp.keyid": at("key_ID"),
  "ntp.mac": at("digest"),
};

/** RFC 3550. */
const RTP: Fields = {
  "rtp.version": at("version"),
  "rtp.padding": at("padding"),
  "rtp.ext": at("extension"),
  "rtp.cc": at("CSRC_count"),
  "rtp.marker": at("marker"),
  "rtp.p_type": at("payload_type"),
  "rtp.seq": at("sequence_number"),
  "rtp.timestamp": at("timestamp"),
  "rtp.ssrc": at("SSRC"),
  "rtp.csrc.item": at("CSRC"),
  "rtp.ext.profile": at("header_extension.profile"),
  "rtp.ext.len": at("header_extension.length"),
  "rtp.payload": at("payload"),
};

/** RFC 8489. */
const STUN: Fields = {
  "stun.type": at("type"),
  "stun.length": at("length"),
  "stun.cookie": at("magic_cookie"),
  "stun.id": at("transaction_ID"),
  "stun.att.username": at("USERNAME"),
  "stun.att.realm": at("REALM"),
  "stun.att.nonce": at("NONCE"),
  "stun.att.lifetime": at("LIFETIME"),
  "stun.att.priority": at("PRIORITY"),
  "stun.att.software": at("SOFTWARE"),
};

/** RFC 5424 and 3164. */
const SYSLOG: Fields = {
  "syslog.facility": at("facility"),
  "syslog.level": at("severity"),
  "syslog.version": at("version"),
  "syslog.timestamp": at("timestamp"),
  "syslog.hostname": at("host"),
  "syslog.appname": at("application"),
  "syslog.procid": at("process_ID"),
  "syslog.msgid": at("message_ID"),
  "syslog.msg": at("message"),
};

/** Wireshark's names of what decoders find. */
export const WIRESHARK_FIELDS: Readonly<Partial<Record<DecoderId, Fields>>> = {
  dns: DNS,
  mdns: DNS,
  coap: COAP,
  ntp: NTP,
  rtp: RTP,
  stun: STUN,
  syslog: SYSLOG,
};
