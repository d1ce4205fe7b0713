import assert from "node:assert/strict";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";
import { hex, sockaddr, ToldByStrace } from "../../../support/told_by_strace.ts";

const HOME = sockaddr("127.0.0.1", 5000);
const SERVER = sockaddr("127.0.0.1", 9999);

let clock = 0;

/** A line of process 10, or of another thread. */
function line(call: string, thread = 10): string {
  clock += 10;
  return `${thread} 1796030547.${String(clock).padStart(6, "0")} ${call}`;
}

describe("what strace tells of UDP sockets", () => {
  let world: ToldByStrace;
  beforeEach(() => {
    clock = 0;
    world = new ToldByStrace();
  });

  const take = (...calls: readonly string[]) => {
    world.take(...calls.map((call) => line(call)));
    return world.told.splice(0);
  };
  const open = (descriptor = 3, inode = 77, port = 9999) =>
    take(
      `socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = ${descriptor}<UDP:[${inode}]> <0.000020>`,
      `bind(${descriptor}<UDP:[${inode}]>, ${sockaddr("127.0.0.1", port)}, 16) = 0 <0.000018>`,
    );
  const udp = "3<UDP:[127.0.0.1:9999]>";

  it("tells where a socket is bound, what it receives and sends, and when it is closed", () => {
    assert.deepEqual(open(), ["10.1 bound 127.0.0.1:9999"]);
    assert.deepEqual(
      take(
        `recvfrom(${udp}, "${hex('hi\n"')}", 100, 0, ${HOME}, [16]) = 4 <1.500000>`,
        `sendto(${udp}, "${hex("hello")}", 5, 0, ${HOME}, 16) = 5 <0.000032>`,
        `recvfrom(${udp}, "", 100, 0, ${HOME}, [128 => 16]) = 0 <0.000032>`,
        `close(${udp}) = 0 <0.000011>`,
      ),
      [
        '10.1 from 127.0.0.1:5000: hi\\n\\"',
        "10.1 to 127.0.0.1:5000: hello",
        "10.1 from 127.0.0.1:5000: ",
        "10.1 closed",
      ],
    );
    // A receipt when the call returned, a sending when it was asked for.
    const start = 1796030547_000_000;
    assert.deepEqual(world.times.slice(1, 3), [start + 30 + 1_500_000, start + 40]);
  });

  it("knows every call that sends or receives, with several parts and several datagrams", () => {
    open();
    const parts = `[{iov_base="${hex("ab")}", iov_len=2}, {iov_base="${hex("cde")}", iov_len=3}]`;
    const header = (name: string, more = "msg_controllen=0, msg_flags=0") =>
      `{msg_name=${name}, msg_namelen=16, msg_iov=${parts}, msg_iovlen=2, ${more}}`;
    assert.deepEqual(
      take(
        `connect(${udp}, ${HOME}, 16) = 0 <0.000025>`,
        `write(${udp}, "${hex("w")}", 1) = 1 <0.000011>`,
        `writev(${udp}, ${parts}, 2) = 5 <0.000012>`,
        `send(${udp}, "${hex("s")}", 1, MSG_NOSIGNAL) = 1 <0.000011>`,
        `sendmsg(${udp}, ${header("NULL")}, 0) = 5 <0.000012>`,
        `sendmmsg(${udp}, [{msg_hdr=${header("NULL")}, msg_len=5}, {msg_hdr=${header(HOME)}, msg_len=5}, {msg_hdr=${header(HOME)}}], 3, 0) = 2 <0.000013>`,
        `read(${udp}, "${hex("r")}", 100) = 1 <0.000009>`,
        `readv(${udp}, [{iov_base="${hex("ab")}", iov_len=2}, {iov_base="${hex("c")}", iov_len=30}], 2) = 3 <0.000009>`,
        `recv(${udp}, "${hex("x")}", 100, MSG_DONTWAIT) = 1 <0.000009>`,
        `recvmsg(${udp}, ${header(HOME)}, MSG_DONTWAIT) = 5 <0.000011>`,
        `recvmmsg(${udp}, [{msg_hdr=${header(HOME)}, msg_len=5}, {msg_hdr=${header(HOME)}, msg_len=4}], 8, MSG_DONTWAIT, {tv_sec=0, tv_nsec=0}) = 2 (left {tv_sec=0, tv_nsec=0}) <0.000011>`,
      ).map((it) => it.replace("10.1 ", "")),
      [
        ...["to 127.0.0.1:5000: w", "to 127.0.0.1:5000: abcde", "to 127.0.0.1:5000: s"],
        ...["to 127.0.0.1:5000: abcde", "to 127.0.0.1:5000: abcde", "to 127.0.0.1:5000: abcde"],
        ...["from 127.0.0.1:5000: r", "from 127.0.0.1:5000: abc", "from 127.0.0.1:5000: x"],
        ...[
          "from 127.0.0.1:5000: abcde",
          "from 127.0.0.1:5000: abcde",
          "from 127.0.0.1:5000: abcd",
        ],
      ],
    );
  });

  it("takes for no datagram what is only looked at, what failed to come, and what is an error", () => {
    open();
    assert.deepEqual(
      take(
        `recvfrom(${udp}, "${hex("hi")}", 100, MSG_PEEK, ${HOME}, [16]) = 2 <0.000009>`,
        `recvfrom(${udp}, 0x7ffe, 100, MSG_DONTWAIT, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable) <0.000009>`,
        `recvmsg(${udp}, {msg_namelen=0}, MSG_ERRQUEUE) = 20 <0.000009>`,
        `recvfrom(${udp}, 0x7ffe, 100, 0, NULL, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.000009>`,
        `read(${udp}, "", 0) = 0 <0.000009>`,
        `recvfrom(${udp},  <unfinished ...>) = ?`,
        `sendto(${udp}, "${hex("x")}", 1, 0, NULL, 0) = -1 EDESTADDRREQ (Destination address required) <0.000009>`,
      ),
      [],
    );
  });

  it("says what the system refused, and of which the program has not had all", () => {
    open();
    assert.deepEqual(
      take(
        `sendto(${udp}, "${hex("x".repeat(100))}"..., 100000, 0, ${HOME}, 16) = -1 EMSGSIZE (Message too long) <0.000009>`,
        `recvfrom(${udp}, "${hex("hi")}", 2, MSG_TRUNC, ${HOME}, [16]) = 5 <0.000012>`,
        `recvmsg(${udp}, {msg_name=${HOME}, msg_namelen=16, msg_iov=[{iov_base="${hex("xxx")}", iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=MSG_CTRUNC|MSG_TRUNC}, 0) = 3 <0.000009>`,
        `sendmsg(${udp}, {msg_name=${HOME}, msg_namelen=16, msg_iov=[{iov_base="${hex("aabb")}", iov_len=4}], msg_iovlen=1, msg_control=[{cmsg_len=18, cmsg_level=SOL_UDP, cmsg_type=0x67}], msg_controllen=24, msg_flags=0}, 0) = 4 <0.000035>`,
        `sendto(${udp}, "${hex("x".repeat(3))}"..., 5, 0, ${HOME}, 16) = 5 <0.000009>`,
        `recvfrom(${udp}, "${hex("hi")}", 100, 0, NULL, NULL) = 2 <0.000012>`,
      ).map((it) => it.replace("10.1 ", "")),
      [
        "to 127.0.0.1:5000: 100 bytes of 100000 (EMSGSIZE) (incomplete)",
        "from 127.0.0.1:5000: hi (cut)",
        "from 127.0.0.1:5000: xxx (cut)",
        "to 127.0.0.1:5000: aabb (segments)",
        "to 127.0.0.1:5000: xxx of 5 (incomplete)",
        "from nobody: hi",
      ],
    );
  });

  it("tells what waited once it is known where the system has bound a socket", () => {
    const opened = "socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 4<UDP:[78]> <0.000020>";
    const sent = `sendto(4<UDP:[78]>, "${hex("hi")}", 2, 0, ${SERVER}, 16) = 2 <0.000032>`;
    assert.deepEqual(take(opened, sent), []);
    // The next call at the socket has it.
    assert.deepEqual(take("close(4<UDP:[0.0.0.0:5000]>) = 0 <0.000011>"), [
      "10.1 bound 0.0.0.0:5000",
      "10.1 to 127.0.0.1:9999: hi",
      "10.1 closed",
    ]);
    assert.deepEqual(take(opened, sent), []);
    // Or somebody who has looked for it.
    const [socket] = world.tracer.unresolved;
    assert.equal(socket?.inode, 78);
    if (socket) world.tracer.resolve(socket, { address: "0.0.0.0", port: 5001 });
    assert.deepEqual(world.told.splice(0), [
      "10.2 bound 0.0.0.0:5001",
      "10.2 to 127.0.0.1:9999: hi",
    ]);
    // Connected, it has an address of its own; what strace goes on to write is the one before.
    assert.deepEqual(
      take(
        `connect(4<UDP:[0.0.0.0:5001]>, ${SERVER}, 16) = 0 <0.000025>`,
        `getsockname(4<UDP:[0.0.0.0:5001]>, ${sockaddr("127.0.0.1", 5001)}, [16]) = 0 <0.000025>`,
        `write(4<UDP:[0.0.0.0:5001]>, "${hex("w")}", 1) = 1 <0.000011>`,
      ),
      ["10.2 bound 127.0.0.1:5001", "10.2 to 127.0.0.1:9999: w"],
    );
    // Nobody knows: neither the datagram nor the gap in what is known is hidden.
    assert.deepEqual(take(opened, sent, "close(4<socket:[78]>) = 0 <0.000011>").slice(1), [
      "10.3 bound 0.0.0.0:0",
      "10.3 to 127.0.0.1:9999: hi",
      "10.3 closed",
    ]);
  });

  it("keeps no more than some records of a socket whose place nobody tells, and counts the rest", () => {
    take("socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 4<UDP:[78]> <0.000020>");
    const sent = `sendto(4<UDP:[78]>, "${hex("hi")}", 2, 0, ${SERVER}, 16) = 2 <0.000032>`;
    for (let count = 0; count < 1000; count++) assert.deepEqual(take(sent), []);
    const told = take("close(4<UDP:[0.0.0.0:5000]>) = 0 <0.000011>");
    const count = (what: RegExp) => told.filter((it) => what.test(it)).length;
    assert.deepEqual([count(/: hi$/), count(/missed$/)], [64, 936]);
  });

  it("follows a descriptor to where it is copied, and a socket until its last one is closed", () => {
    open();
    assert.deepEqual(
      take(
        `dup(${udp}) = 5<UDP:[127.0.0.1:9999]> <0.000008>`,
        `fcntl(${udp}, F_DUPFD_CLOEXEC, 10) = 11<UDP:[127.0.0.1:9999]> <0.000008>`,
        `dup2(${udp}, 20) = 20<UDP:[127.0.0.1:9999]> <0.000008>`,
        `close(${udp}) = 0 <0.000008>`,
        `sendto(20<UDP:[127.0.0.1:9999]>, "${hex("x")}", 1, 0, ${HOME}, 16) = 1 <0.000032>`,
        "close_range(5, 4294967295, 0) = 0 <0.000026>",
      ),
      ["10.1 to 127.0.0.1:5000: x", "10.1 closed"],
    );
  });

  it("tells of a bind that failed, and of another socket in the place of one that is gone unseen", () => {
    take("socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3<UDP:[77]> <0.000020>");
    assert.deepEqual(
      take(`bind(3<UDP:[77]>, ${SERVER}, 16) = -1 EADDRINUSE (Address already in use) <0.000021>`),
      ["10.1 not bound 127.0.0.1:9999 EADDRINUSE"],
    );
    take(`bind(3<UDP:[77]>, ${SERVER}, 16) = 0 <0.000018>`);
    assert.deepEqual(take(`read(3<\\x2f\\x61>, "${hex("no datagram")}", 100) = 11 <0.000009>`), [
      "10.1 closed",
    ]);
    // A socket that was passed on, or inherited from who started strace.
    assert.deepEqual(take(`read(7<UDPv6:[[::1]:9->[::1]:5]>, "${hex("x")}", 9) = 1 <0.000009>`), [
      "10.2 bound [::1]:9",
      "10.2 from [::1]:5: x",
    ]);
  });

  it("takes IPv4 in IPv6 for IPv4, and leaves out the zone", () => {
    take("socket(AF_INET6, SOCK_DGRAM|SOCK_NONBLOCK, IPPROTO_UDP) = 5<UDPv6:[80]> <0.000014>");
    const group = sockaddr("ff02::1", 5353).replace(
      "scope_id=0",
      'scope_id=if_nametoindex("\\x6c")',
    );
    assert.deepEqual(
      take(
        `bind(5<UDPv6:[80]>, ${sockaddr("::", 53243)}, 28) = 0 <0.000018>`,
        `sendto(5<UDPv6:[[::]:53243]>, "${hex("4")}", 1, 0, ${sockaddr("::ffff:127.0.0.1", 9)}, 28) = 1 <0.000026>`,
        `sendto(5<UDPv6:[[::]:53243]>, "${hex("m")}", 1, 0, ${group}, 28) = -1 ENETUNREACH (Network is unreachable) <0.000020>`,
      ),
      [
        "10.1 bound [::]:53243",
        "10.1 to 127.0.0.1:9: 4",
        "10.1 to [ff02::1]:5353: m (ENETUNREACH)",
      ],
    );
  });

  it("looks at no other sockets and files", () => {
    assert.deepEqual(
      take(
        "socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 6<TCP:[3214785]> <0.000017>",
        `connect(6<TCP:[3214785]>, ${SERVER}, 16) = 0 <0.000025>`,
        `write(6<TCP:[127.0.0.1:1->127.0.0.1:2]>, "${hex("x")}", 1) = 1 <0.000011>`,
        "socket(AF_UNIX, SOCK_DGRAM, 0) = 7<UNIX-DGRAM:[3]> <0.000017>",
        `socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) = 8<socket:[4]> <0.000017>`,
        `sendto(8<socket:[4]>, "${hex("ping")}", 4, 0, ${HOME}, 16) = 4 <0.000017>`,
        `write(1</dev/pts/0<char 136:0>>, "${hex("x")}", 1) = 1 <0.000011>`,
        "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---",
        "+++ exited with 3 +++",
      ),
      ["10 ended: "],
    );
  });

  describe("of several threads and processes", () => {
    const told = (...lines: readonly string[]) => world.take(...lines).told.splice(0);

    it("puts a call together that others have interrupted", () => {
      open();
      assert.deepEqual(
        told(
          line(
            "clone3({flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, stack=0x7f} => {parent_tid=[11]}, 88) = 11 <0.000057>",
          ),
          line(`recvfrom(${udp},  <unfinished ...>`, 11),
          line(`sendto(${udp}, "${hex("a")}", 1, 0, ${HOME}, 16) = 1 <0.000035>`),
          line(`<... recvfrom resumed>"${hex("b")}", 100, 0, ${HOME}, [16]) = 1 <0.104555>`, 11),
          line("+++ exited with 0 +++", 11),
          line("+++ killed by SIGKILL +++"),
        ),
        ["10.1 to 127.0.0.1:5000: a", "10.1 from 127.0.0.1:5000: b", "10.1 closed", "10 ended: "],
      );
      assert.equal(world.times[2], 1796030547_000_000 + 60);
    });

    it("knows a child that is seen before the call returns which has made it", () => {
      open();
      assert.deepEqual(
        told(
          line("vfork( <unfinished ...>"),
          line(
            `execve("${hex("/bin/x")}", ["${hex("x")}", "${hex("a b")}"], 0x7ff /* 3 vars */) = 0 <0.0002>`,
            11,
          ),
          line("socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3<UDP:[90]> <0.000020>", 11),
          line(`bind(3<UDP:[90]>, ${sockaddr("127.0.0.1", 7)}, 16) = 0 <0.000018>`, 11),
          line("<... vfork resumed>) = 11 <0.000134>"),
          line("+++ exited with 0 +++", 11),
        ),
        ["11 ended: ", "11.1 bound 127.0.0.1:7", "11.1 closed", "11 ended: x a b"],
      );
    });

    it("waits for whose child it is where two make one at once", () => {
      told(line(`execve("${hex("/p")}", ["${hex("p")}"], 0x7ff) = 0 <0.0002>`));
      told(line("clone(child_stack=NULL, flags=SIGCHLD) = 11 <0.000134>"));
      told(line(`execve("${hex("/q")}", ["${hex("q")}"], 0x7ff) = 0 <0.0002>`, 11));
      assert.deepEqual(
        told(
          line("clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>"),
          line("clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD <unfinished ...>", 11),
          line("+++ exited with 0 +++", 20),
          line("+++ exited with 0 +++", 21),
          line("<... clone resumed>) = 20 <0.000134>", 11),
          line("<... clone resumed>) = 21 <0.000134>"),
          line("+++ exited with 0 +++", 11),
        ),
        ["21 ended: p", "11 ended: q"],
      );
    });

    it("gives a child sockets of its own in the places of those that it has inherited", () => {
      open();
      assert.deepEqual(
        told(
          line("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 11 <0.000134>"),
          line(`sendto(${udp}, "${hex("c")}", 1, 0, ${HOME}, 16) = 1 <0.000035>`, 11),
          line(`close(${udp}) = 0 <0.000008>`, 11),
          line("+++ exited with 0 +++", 11),
          line(`sendto(${udp}, "${hex("p")}", 1, 0, ${HOME}, 16) = 1 <0.000035>`),
        ),
        [
          "11.1 bound 127.0.0.1:9999",
          "11.1 to 127.0.0.1:5000: c",
          "11.1 closed",
          "11 ended: ",
          "10.1 to 127.0.0.1:5000: p",
        ],
      );
    });

    it("begins anew with another program, which has what was not to be closed", () => {
      open();
      open(4, 78, 8888);
      assert.deepEqual(
        told(
          line("fcntl(4<UDP:[127.0.0.1:8888]>, F_SETFD, 0) = 0 <0.000008>"),
          line("clone(child_stack=0x1, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 12 <0.000134>"),
          line(`execve("${hex("/n")}", ["${hex("n")}"], 0x7ff <pid changed to 10 ...>`, 12),
          line("+++ superseded by execve in pid 12 +++"),
          line("<... execve resumed>) = 0 <0.0002>"),
          line(
            `recvfrom(4<UDP:[127.0.0.1:8888]>, "${hex("x")}", 9, 0, ${HOME}, [16]) = 1 <0.0002>`,
          ),
          line("+++ exited with 0 +++"),
        ),
        [
          "10.1 closed",
          "10.2 closed",
          "10 ended: ",
          "10.1 bound 127.0.0.1:8888",
          "10.1 from 127.0.0.1:5000: x",
          "10.1 closed",
          "10 ended: n",
        ],
      );
    });
  });

  it("says once that a process uses what strace does not see", () => {
    assert.deepEqual(
      take(
        "io_uring_setup(8, {flags=0}) = -1 ENOSYS (Function not implemented) <0.000009>",
        "io_uring_setup(8, {flags=0, sq_entries=8}) = 3<anon_inode:[io_uring]> <0.000009>",
        "io_uring_setup(8, {flags=0, sq_entries=8}) = 4<anon_inode:[io_uring]> <0.000009>",
      ),
      ["10 ring"],
    );
  });

  it("counts what it does not understand, and what was too long to be kept", () => {
    open();
    const text = line(`sendto(${udp}, "${hex("x".repeat(400))}`);
    assert.deepEqual(world.take({ text, isCut: true }).told.splice(0), ["10.1 missed"]);
    assert.deepEqual(take(`sendto(${udp}, %%, 5, 0, ${HOME}, 16) = 5 <0.000009>`), ["10.1 missed"]);
    assert.deepEqual(take(`sendto(${udp}, 0x7ffe, 5, 0, ${HOME}, 16) = 5 <0.000009>`), [
      "10.1 missed",
    ]);
  });

  for (const [what, text] of [
    [
      "a list of many",
      (n: number) => `sendmmsg(${udp}, [${"{msg_hdr={}}, ".repeat(n)}], 9, 0) = 1`,
    ],
    ["depth", (n: number) => `sendmsg(${udp}, ${"{a=[".repeat(n)}`],
    ["what is not closed", (n: number) => `sendmsg(${udp}, {a="${"\\x41".repeat(n)}`],
    ["descriptors in descriptors", (n: number) => `sendmsg(${udp}, ${"1<".repeat(n)}`],
    ["comments", (n: number) => `sendmsg(${udp}, ${"/* ".repeat(n)}`],
    ["words", (n: number) => `sendmsg(${udp}, ${"a|b=".repeat(n)}`],
    ["numbers", (n: number) => `sendmsg(${udp}, ${"1|".repeat(n)}`],
  ] as const) {
    it(`takes as much longer as a line of ${what} is longer`, function () {
      this.timeout(60_000);
      open();
      const took = (n: number) => {
        const one = line(text(n));
        return cpuMilliseconds(() => {
          for (let times = 0; times < 4; times++) world.take(one);
        });
      };
      took(10_000);
      const [short, long] = [Math.max(took(50_000), 4), took(200_000)];
      assert.ok(long < 12 * short, `${short} ms, and four times as long: ${long} ms`);
    });
  }

  it("takes as much longer as there are more sockets, processes and threads that nobody has told of", function () {
    this.timeout(60_000);
    const took = (n: number) => {
      const own = new ToldByStrace();
      own.take(line("getsockname(9) = 0"), line("fork( <unfinished ...>"));
      const lines = Array.from({ length: n }, (_, at) => [
        line(`socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = ${at}<UDP:[${at}]> <0.000020>`),
        line(`bind(${at}<UDP:[${at}]>, ${SERVER}, 16) = 0 <0.000018>`),
        line("fork( <unfinished ...>", 1000 + at),
      ]).flat();
      return cpuMilliseconds(() => own.take(...lines));
    };
    took(2_000);
    const [few, many] = [Math.max(took(10_000), 4), took(40_000)];
    assert.ok(many < 12 * few, `${few} ms, and four times as many: ${many} ms`);
  });
});
