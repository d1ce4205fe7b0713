// The same program as a child in several ways: each sends itself its own name, and tells its parent how that went.
const { fork, spawnSync } = require("node:child_process");
const dgram = require("node:dgram");
const { Worker, isMainThread, workerData } = require("node:worker_threads");

function talk(name, done) {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1", () => socket.send(name, socket.address().port, "127.0.0.1"));
  socket.once("message", (payload) => {
    console.log(String(payload));
    socket.close(done);
  });
}

const [, path, name] = process.argv;
if (!isMainThread) talk(workerData);
else if (name) talk(name);
else {
  const children = [
    (next) => fork(path, ["forked"]).once("exit", next),
    (next) => fork(path, ["without flags"], { execArgv: [] }).once("exit", next),
    (next) => fork(path, ["without environment"], { env: {} }).once("exit", next),
    (next) => new Worker(path, { workerData: "thread" }).once("exit", next),
    (next) =>
      new Worker(path, { workerData: "thread without flags", execArgv: [] }).once("exit", next),
    (next) => {
      const { stdout } = spawnSync(process.execPath, [...process.execArgv, path, "spawned"]);
      process.stdout.write(stdout);
      next();
    },
  ];
  const step = () => {
    const next = children.shift();
    if (next) next(step);
  };
  talk("main", step);
}
