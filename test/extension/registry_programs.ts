import { join } from "node:path";
import type { Datagram, UdpWorkbench } from "../../extension/api.ts";
import { untilAsked } from "./workbench_api.ts";

/** Node.js 24, tsx, Deno and Bun. */
export const tools = join(__dirname, "../../node_modules/.bin"); // seen from dist/test/extension.cjs
export const programs = join(__dirname, "../../test/programs");

/** Program that others' packages make → what of its datagrams the panel must have, at both ends. */
export const REGISTRY_PROGRAMS: Readonly<Record<string, readonly RegExp[]>> = {
  "dns2.cjs": [/workbench\x07example/, /workbench\x07example.*\xc0\x00\x02\x07/s],
  "coap.mjs": [/device/, /Hello, \/device!/],
  "multicast_dns.mjs": [/workbench\x05local/, /workbench\x05local.*\xc0\x00\x02\x07/s],
  "node_ssdp.mjs": [/^M-SEARCH \* HTTP\/1\.1/, /^HTTP\/1\.1 200 OK.*urn:workbench:device:1/s],
  "statsd_client.mjs": [/^workbench\.requests:3\|c$/],
  "node_osc.ts": [/^\/workbench\/volume/],
};

/** The payload, a character a byte. */
export function payloadText({ payload }: Datagram): string {
  return Buffer.from(payload).toString("latin1");
}

/** Resolves when, for each pattern, a datagram that matches it was seen where it went out and where it came in. */
export function captured(api: UdpWorkbench, patterns: readonly RegExp[]): Promise<void> {
  let seen: readonly Datagram[] = [];
  const what = () =>
    `the panel has ${patterns.join()}; it has ${JSON.stringify(seen.map((it) => [it.direction, payloadText(it)]))}`;
  return untilAsked(api, what, async () => {
    const datagrams = await api.datagrams();
    seen = datagrams;
    const has = (pattern: RegExp, end: string) =>
      datagrams.some((it) => it.direction === end && pattern.test(payloadText(it)));
    return patterns.every((pattern) => has(pattern, "out") && has(pattern, "in"));
  });
}
