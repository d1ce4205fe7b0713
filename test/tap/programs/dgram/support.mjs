// What the cases share: each is given `log`, `open` (createSocket) and `bound` (open, bound to HOST on a free port).
import dgram from "node:dgram";
import { once } from "node:events";

export const HOST = "127.0.0.1";

/** Generous, because machines are busy: no case waits for it unless a runtime lacks what the case is about. */
const LIMIT_MS = 15_000;

export function logThrown(log, action) {
  try {
    log("returned", action());
  } catch (error) {
    log("threw", error.name, error.code, error.message);
  }
}

export async function received(socket) {
  const [payload] = await once(socket, "message");
  return [String(payload)];
}

export function messages(socket, count) {
  return new Promise((resolve) => {
    const seen = [];
    socket.on("message", (payload) => {
      if (seen.push(String(payload)) === count) resolve(seen);
    });
  });
}

/** Long enough for anything on loopback to have arrived: a bound socket sends itself a datagram, three times. */
export async function silence() {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  for (let round = 0; round < 3; round++) {
    socket.send("tick", socket.address().port, HOST);
    await once(socket, "message");
  }
  socket.close();
  return "nothing";
}

export function uncaught() {
  process.removeAllListeners("uncaughtException");
  return new Promise((resolve) => process.once("uncaughtException", resolve));
}

/** "listening", or the code of the error event. */
export function bindOutcome(socket) {
  return new Promise((resolve) => {
    socket.once("listening", () => resolve("listening"));
    socket.once("error", ({ code }) => resolve(code));
  });
}

/** The outcome of `send` as its callback gets it: the error's code, or the bytes. */
export function outcome(socket, ...parameters) {
  return new Promise((resolve) => {
    socket.send(...parameters, (error, bytes) => resolve(error ? error.code : bytes));
  });
}

export function failingLookup(hostname, _options, callback) {
  const error = Object.assign(new Error(`no ${hostname}`), { code: "ENOTFOUND", hostname });
  error.syscall = "getaddrinfo";
  process.nextTick(callback, error);
}

/** Knows `here.invalid`, not `nowhere.invalid`, and takes all else for an address. */
export function nameOnlyLookup(hostname, options, callback) {
  if (hostname === "nowhere.invalid") failingLookup(hostname, options, callback);
  else process.nextTick(callback, null, hostname === "here.invalid" ? HOST : hostname, 4);
}

/** Runs a case and returns its log, whose last line is ["ended"] when all went well. */
export async function run(body) {
  const lines = [];
  const sockets = [];
  const log = (...values) => {
    lines.push(values.map((value) => (value === undefined ? "undefined" : value)));
  };
  const open = (...parameters) => {
    const socket = dgram.createSocket(...parameters);
    sockets.push(socket);
    return socket;
  };
  const bound = async (options = "udp4") => {
    const socket = open(options);
    socket.bind(0, HOST);
    await once(socket, "listening");
    return socket;
  };
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(log("timed out")), LIMIT_MS);
  });
  try {
    await Promise.race([body({ log, open, bound }).then(() => log("ended")), late]);
  } catch (error) {
    log("failed", error.name, error.code, error.message);
  }
  clearTimeout(timer);
  for (const socket of sockets) {
    try {
      socket.close();
    } catch {
      // The case has closed it.
    }
  }
  return lines;
}
