// Connected sockets.
import { once } from "node:events";
import { HOST, logThrown, outcome, received, silence } from "./support.mjs";

export const connectCases = {
  async "connect, remoteAddress and disconnect"({ log, open, bound }) {
    const receiver = await bound();
    const { port } = receiver.address();
    const socket = open("udp4");
    logThrown(log, () => socket.remoteAddress());
    logThrown(log, () => socket.disconnect());
    log(socket.connect(port, HOST, () => log("callback")));
    await once(socket, "connect");
    const remote = socket.remoteAddress();
    log(remote.address, remote.family, remote.port === port);
    logThrown(log, () => socket.connect(port, HOST));
    const arrived = received(receiver);
    socket.send("connected");
    log(...(await arrived));
    log(socket.disconnect());
    logThrown(log, () => socket.remoteAddress());
    const again = received(receiver);
    socket.send("free again", port, HOST);
    log(...(await again));
  },

  async "a connected socket hears only its peer"({ log, open, bound }) {
    const peer = await bound();
    const stranger = await bound();
    const socket = open("udp4");
    socket.connect(peer.address().port, HOST);
    await once(socket, "connect");
    socket.on("message", (payload) => log(String(payload)));
    const heard = once(socket, "message");
    const { port } = socket.address();
    stranger.send("stranger", port, HOST);
    peer.send("peer", port, HOST);
    await heard;
  },

  async "connect: what is wrong with it throws, or comes to the callback or as an event"({
    log,
    open,
  }) {
    for (const port of [0, -1, 65_536, undefined]) logThrown(log, () => open("udp4").connect(port));
    const lookup = (hostname, _family, callback) => {
      const error = Object.assign(new Error(`no ${hostname}`), { code: "ENOTFOUND", hostname });
      process.nextTick(callback, error);
    };
    const options = { type: "udp4", lookup };
    const failed = await new Promise((resolve) => {
      const socket = open(options);
      socket.on("error", ({ code }) => resolve(["event", code]));
      socket.connect(9, "nowhere.invalid", (error) => resolve(["callback", error?.code]));
    });
    log(failed);
  },

  async "connect twice at once, and bind behind it"({ log, open, bound }) {
    const peer = await bound();
    const { port } = peer.address();
    const socket = open("udp4");
    socket.connect(port, HOST);
    logThrown(log, () => socket.connect(port, HOST));
    logThrown(log, () => socket.remoteAddress());
    await once(socket, "connect");
    logThrown(log, () => socket.bind(0, HOST));
    log(socket.address().address);
  },

  async "bind, connect, disconnect, connect to another, close"({ log, bound }) {
    const [first, second, socket] = [await bound(), await bound(), await bound()];
    for (const peer of [first, second]) {
      socket.connect(peer.address().port, HOST);
      await once(socket, "connect");
      const arrived = received(peer);
      socket.send("to you");
      log(...(await arrived));
      log(socket.remoteAddress().port === peer.address().port, socket.address().address);
      socket.disconnect();
    }
    logThrown(log, () => socket.send("x"));
    socket.close();
    await once(socket, "close");
    logThrown(log, () => socket.remoteAddress());
    logThrown(log, () => socket.disconnect());
    logThrown(log, () => socket.connect(9, HOST));
  },

  async "a peer that is not there"({ log, open, bound }) {
    const gone = await bound();
    const { port } = gone.address();
    gone.close();
    await once(gone, "close");
    const socket = open("udp4");
    socket.connect(port, HOST);
    await once(socket, "connect");
    const failed = new Promise((resolve) => socket.on("error", ({ code }) => resolve(code)));
    log(await outcome(socket, "is there anybody?"));
    log(await Promise.race([failed, silence()]));
  },

  async "connect without an address takes the loopback"({ log, open, bound }) {
    const peer = await bound();
    const socket = open("udp4");
    socket.connect(peer.address().port);
    await once(socket, "connect");
    log(socket.remoteAddress().address);
  },
};
