// The main thread ends, or ends its worker, as soon as that says that it has sent.
import dgram from "node:dgram";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  worker.on("message", () => {
    if (process.argv[2] === "exit") process.exit(0);
    worker.terminate().then(() => console.log("terminated"));
  });
} else {
  const socket = dgram.createSocket("udp4");
  let sent = 0;
  socket.bind(0, "127.0.0.1", () => {
    for (let count = 0; count < 5; count++) {
      socket.send(`w${count}`, socket.address().port, "127.0.0.1", () => {
        // Told once the event loop has come round: what is older than a turn is in the file.
        if (++sent === 5) setTimeout(() => parentPort.postMessage("sent"), 1);
      });
    }
  });
}
