// Sees whatever is required, and what is kept of it.
const Module = require("node:module");
const load = Module._load;
Module._load = function (name, ...rest) {
  console.log("require", name);
  return load.call(this, name, ...rest);
};
for (const extension of [".js", ".cjs"]) {
  const compile = Module._extensions[extension];
  if (!compile) continue;
  Module._extensions[extension] = function (module, file) {
    console.log("compile");
    return compile.call(this, module, file);
  };
}
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
socket.on("message", () => {
  socket.close();
  console.log("cached", Object.keys(require.cache).length);
});
socket.bind(0, "127.0.0.1", () => socket.send("x", socket.address().port, "127.0.0.1"));
