import { parseAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { numbered, type SystemSocket } from "./system_socket.ts";

/**
 * The tables that `netstat -ano` of Windows prints. Headers and states are in the language of the system, in its code
 * page; the rows begin with the protocol and end with the process id in all of them, and what is listened on has a
 * foreign port 0.
 */
export function parseWindowsUdp(text: string): SystemSocket[] {
  const sockets: Omit<SystemSocket, "key">[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [protocol, localText = "", , pidText = "", ...more] = line.trim().split(/\s+/);
    const local = protocol === "UDP" ? parseEnd(localText) : undefined;
    if (!local || !/^\d+$/.test(pidText) || more.length > 0) continue;
    sockets.push({
      address: local.address,
      port: local.port,
      family: localText.startsWith("[") ? "IPv6" : "IPv4",
      zone: local.zone,
      peer: undefined,
      inode: undefined,
      uid: undefined,
      pid: Number(pidText),
      processName: "",
      receiveQueue: undefined,
      drops: undefined,
    });
  }
  return numbered(sockets);
}

/** The local ends that are listened on over TCP. */
export function parseWindowsTcp(text: string): Endpoint[] {
  const ends: Endpoint[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [protocol, localText = "", foreignText = ""] = line.trim().split(/\s+/);
    const local = protocol === "TCP" ? parseEnd(localText) : undefined;
    if (local && parseEnd(foreignText)?.port === 0) {
      ends.push({ address: local.address, port: local.port });
    }
  }
  return ends;
}

/** `0.0.0.0:5353`, `[fe80::1%12]:1900`. */
function parseEnd(text: string): (Endpoint & { zone: string }) | undefined {
  const match = /^(?:\[([^\]%]+)(?:%([^\]]*))?\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[3] ?? "";
  const port = Number(match?.[4]);
  if (!match || !parseAddress(address) || port > 0xffff) return undefined;
  return { address, zone: match[2] ?? "", port };
}
