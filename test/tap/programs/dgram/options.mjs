// Options, setters and multicast groups.
import { once } from "node:events";
import { HOST, logThrown, received, silence } from "./support.mjs";

export const optionsCases = {
  async "return values of ref, unref and the setters"({ log, bound }) {
    const socket = await bound();
    log(socket.ref() === socket, socket.unref() === socket, socket.ref() === socket);
    log(socket.setTTL(64), socket.setBroadcast(true), socket.setMulticastTTL(1));
    // Deno does not have these two.
    log(typeof socket.getSendQueueSize?.(), typeof socket.getSendQueueCount?.());
  },

  async "multicast membership"({ log, open }) {
    const socket = open({ type: "udp4", reuseAddr: true });
    socket.bind(0);
    await once(socket, "listening");
    logThrown(log, () => socket.addMembership("239.1.2.3", HOST));
    logThrown(log, () => socket.dropMembership("239.1.2.3", HOST));
    logThrown(log, () => socket.addMembership("not an address"));
  },

  async "createSocket: what is wrong with it throws"({ log, open }) {
    for (const options of [undefined, null, 5, "tcp", {}, { type: "udp5" }]) {
      logThrown(log, () => typeof open(options));
    }
    for (const size of [-1, "x", 1.5]) {
      logThrown(log, () => typeof open({ type: "udp4", recvBufferSize: size }).bind(0, HOST));
    }
  },

  async "buffer sizes: as options, by setters, and before bind"({ log, open, bound }) {
    const socket = open({ type: "udp4", recvBufferSize: 20_000, sendBufferSize: 30_000 });
    logThrown(log, () => socket.getRecvBufferSize());
    logThrown(log, () => socket.setSendBufferSize(10_000));
    socket.bind(0, HOST);
    await once(socket, "listening");
    logThrown(log, () => socket.getRecvBufferSize());
    logThrown(log, () => socket.getSendBufferSize());
    const other = await bound();
    logThrown(log, () => other.setRecvBufferSize(12_345));
    logThrown(log, () => other.getRecvBufferSize());
    for (const size of [-1, 0, "x", Number.POSITIVE_INFINITY]) {
      logThrown(log, () => other.setRecvBufferSize(size));
    }
  },

  async "time to live, broadcast and the multicast settings"({ log, open, bound }) {
    const socket = await bound();
    for (const value of [1, 255, 0, 256, -1, "x", undefined]) {
      logThrown(log, () => socket.setTTL(value));
      logThrown(log, () => socket.setMulticastTTL(value));
    }
    for (const value of [true, false, 1, 0]) {
      logThrown(log, () => socket.setBroadcast(value));
      logThrown(log, () => socket.setMulticastLoopback(value));
    }
    for (const address of [HOST, "0.0.0.0", "nonsense", undefined, 5]) {
      logThrown(log, () => socket.setMulticastInterface(address));
    }
    logThrown(log, () => open("udp4").setTTL(9));
    logThrown(log, () => open("udp4").setBroadcast(true));
  },

  async "memberships: twice, of nothing, source specific"({ log, open }) {
    const socket = open({ type: "udp4", reuseAddr: true });
    socket.bind(0);
    await once(socket, "listening");
    logThrown(log, () => socket.addMembership());
    logThrown(log, () => socket.dropMembership());
    logThrown(log, () => socket.addMembership("239.1.2.4", HOST));
    logThrown(log, () => socket.addMembership("239.1.2.4", HOST));
    logThrown(log, () => socket.dropMembership("239.1.2.5", HOST));
    logThrown(log, () => socket.addMembership("239.1.2.6", "not an interface"));
    logThrown(log, () => socket.addMembership(HOST));
    logThrown(log, () => socket.addSourceSpecificMembership?.(HOST, "239.1.2.7", HOST));
    logThrown(log, () => socket.dropSourceSpecificMembership?.(HOST, "239.1.2.7", HOST));
    logThrown(log, () => socket.addSourceSpecificMembership?.("nonsense", "239.1.2.7"));
  },

  async "a multicast datagram is heard by its sender, and not without loopback"({ log, open }) {
    const socket = open({ type: "udp4", reuseAddr: true });
    socket.bind(0);
    await once(socket, "listening");
    const { port } = socket.address();
    socket.addMembership("239.1.2.8", HOST);
    socket.setMulticastInterface(HOST);
    socket.setMulticastLoopback(true);
    const heard = received(socket);
    socket.send("to the group", port, "239.1.2.8");
    log(await Promise.race([heard, silence()]));
    socket.setMulticastLoopback(false);
    socket.send("to the others", port, "239.1.2.8");
    log(await Promise.race([received(socket), silence()]));
  },
};
