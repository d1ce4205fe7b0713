/** A program that sends so many to itself before it takes the first: more than its receive buffer holds are lost. */
export function lossyProgram(datagrams: number): string {
  return `const { createSocket } = require("node:dgram");
const server = createSocket("udp4").on("message", () => {});
server.bind(0, "127.0.0.1", () => {
  const client = createSocket("udp4");
  client.bind(0, "127.0.0.1", () => {
    for (let at = 0; at < ${datagrams}; at++) {
      client.send(\`load \${at}\`.padEnd(48), server.address().port, "127.0.0.1");
    }
  });
});
`;
}
