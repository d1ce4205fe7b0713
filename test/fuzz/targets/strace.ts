import assert from "node:assert/strict";
import { LineSplitter } from "../../../extension/core/strace/line_splitter.ts";
import type { TracedSocket } from "../../../extension/core/strace/traced_process.ts";
import { Tracer } from "../../../extension/core/strace/tracer.ts";
import { parseAddress } from "../../../extension/core/wire/address.ts";
import type { Endpoint } from "../../../extension/core/wire/endpoint.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import { hex, sockaddr } from "../../support/told_by_strace.ts";
import type { FuzzTarget } from "../target.ts";

const HOME = sockaddr("127.0.0.1", 5000);
const HOME6 = sockaddr("::1", 5000);
const MESSAGE = `{msg_name=${HOME}, msg_namelen=16, msg_iov=[{iov_base="${hex("ab")}", iov_len=2}, {iov_base="${hex("c")}", iov_len=9}], msg_iovlen=2, msg_control=[{cmsg_len=18, cmsg_level=SOL_UDP, cmsg_type=0x68}], msg_controllen=24, msg_flags=MSG_TRUNC}`;

const CALLS = [
  `execve("${hex("/a")}", ["${hex("a")}", "${hex("-b")}"], 0x7fff73422a90 /* 35 vars */) = 0 <0.001840>`,
  "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<UDP:[77]> <0.000020>",
  `bind(3<UDP:[77]>, ${HOME}, 16) = 0 <0.000018>`,
  `bind(3<UDP:[77]>, ${HOME}, 16) = -1 EADDRINUSE (Address already in use) <0.000021>`,
  "socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 4<UDPv6:[78]> <0.000013>",
  `sendto(4<UDPv6:[78]>, "${hex("hi")}"..., 5, 0, ${HOME6}, 28) = 5 <0.000032>`,
  `recvfrom(3<UDP:[127.0.0.1:35986]>, "${hex("hi")}", 2, MSG_TRUNC, ${HOME}, [128 => 16]) = 5 <0.000012>`,
  `recvfrom(3<UDP:[127.0.0.1:35986]>, "${hex("hi")}", 9, 0, NULL, NULL) = 2 <0.000012>`,
  `sendmsg(4<UDPv6:[[::]:53243]>, ${MESSAGE}, 0) = 3 <0.000012>`,
  `recvmmsg(3<UDP:[127.0.0.1:35986]>, [{msg_hdr=${MESSAGE}, msg_len=3}, {msg_hdr=${MESSAGE}, msg_len=1}], 3, MSG_DONTWAIT, {tv_sec=0, tv_nsec=0}) = 2 (left {tv_sec=0, tv_nsec=0}) <0.000009>`,
  `sendmmsg(3<UDP:[127.0.0.1:35986]>, [{msg_hdr=${MESSAGE}, msg_len=3}], 1, 0) = 1 <0.000009>`,
  "clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x7f} => {parent_tid=[11]}, 88) = 11 <0.000057>",
  "vfork( <unfinished ...>",
  "<... vfork resumed>) = 12 <0.000134>",
  "dup2(3<UDP:[127.0.0.1:35986]>, 20) = 20<UDP:[127.0.0.1:35986]> <0.000008>",
  "fcntl(4<UDPv6:[[::]:1->[::1]:2]>, F_DUPFD_CLOEXEC, 10) = 11<UDPv6:[[::]:1]> <0.000008>",
  'connect(4<UDPv6:[78]>, {sa_family=AF_UNSPEC, sa_data="\\x00"}, 16) = 0 <0.000010>',
  `write(1</dev/pts/0<char 136:0>>, "${hex("x")}", 1) = 1 <0.000011>`,
  "close_range(3, 4294967295, CLOSE_RANGE_CLOEXEC) = 0 <0.000026>",
  "close(3<UDP:[127.0.0.1:35986]>) = 0 <0.000026>",
  "io_uring_setup(8, {flags=0}) = 5<anon_inode:[io_uring]> <0.000009>",
  "+++ superseded by execve in pid 11 +++",
  "+++ exited with 0 +++",
];

const seeds = [CALLS, CALLS.slice(1, 8), CALLS.slice(8, 12), CALLS.slice(12)].map((calls) =>
  new TextEncoder().encode(
    calls.map((call, at) => `1${at % 3} 1796030547.${100_000 + at} ${call}\n`).join(""),
  ),
);

/** A tracer takes whatever comes for strace's output, and tells nothing that no socket could have done. */
export const straceTarget: FuzzTarget = {
  name: "strace",
  seeds,
  check(input) {
    const took = cpuMilliseconds(() => check(input));
    assert.ok(took < 2000, `took ${took} ms`);
  },
};

function check(input: Uint8Array): void {
  const open = new Set<TracedSocket>();
  const isBound = (socket: TracedSocket, time: number) => {
    assert.ok(open.has(socket), "something passed a socket that is not bound");
    assert.ok(Number.isFinite(time) && time >= 0);
  };
  const tracer = new Tracer({
    bound(socket) {
      checkEnd(socket.local);
      open.add(socket);
    },
    bindFailed: (_, local) => checkEnd(local),
    sent(socket, time, peer, { payload }) {
      isBound(socket, time);
      checkEnd(peer);
      assert.ok(payload.length <= input.length);
    },
    received(socket, time, peer, { payload }) {
      isBound(socket, time);
      if (peer) checkEnd(peer);
      assert.ok(payload.length <= input.length);
    },
    missed() {},
    closed(socket, time) {
      isBound(socket, time);
      open.delete(socket);
    },
    ended() {},
    usesRing() {},
  });
  for (const line of new LineSplitter().take(input)) tracer.take(line);
  for (const socket of [...tracer.unresolved]) tracer.resolve(socket, undefined);
  tracer.finish();
  assert.equal(open.size, 0, "a socket outlived its program");
}

function checkEnd(end: Endpoint | undefined): void {
  assert.ok(end && parseAddress(end.address), `${end?.address} is no address`);
  assert.ok(Number.isInteger(end.port) && end.port >= 0 && end.port <= 0xffff, `port ${end.port}`);
}
