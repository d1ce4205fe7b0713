// A main thread, a worker thread, a child process and a cluster worker, each with one socket that sends itself its
// own name.
import { fork } from "node:child_process";
import cluster from "node:cluster";
import dgram from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

async function talk(name) {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.send(name, socket.address().port, "127.0.0.1");
  await once(socket, "message");
  socket.close();
  await once(socket, "close");
}

if (!isMainThread) await talk("worker thread");
else if (process.argv[2] === "child") await talk("child process");
else if (cluster.isWorker) {
  await talk("cluster worker");
  process.disconnect();
} else {
  await talk("main thread");
  const path = fileURLToPath(import.meta.url);
  await once(new Worker(path), "exit");
  await once(fork(path, ["child"]), "exit");
  await once(cluster.fork(), "exit");
}
