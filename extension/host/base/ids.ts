/** Every name that package.json and the code share; a test compares the two. */

export const EXTENSION = "udpWorkbench";

export const Commands = {
  startServer: "udpWorkbench.startServer",
  startClient: "udpWorkbench.startClient",
  runFile: "udpWorkbench.runFile",
  toggleAutoAttach: "udpWorkbench.toggleAutoAttach",
  attachAndRunAgain: "udpWorkbench.attachAndRunAgain",
  captureFromCommand: "udpWorkbench.captureFromCommand",
  stopCaptures: "udpWorkbench.stopCaptures",
  stop: "udpWorkbench.stop",
  stopAll: "udpWorkbench.stopAll",
  revealTerminal: "udpWorkbench.revealTerminal",
  showOtherProcesses: "udpWorkbench.showOtherProcesses",
  closeSocket: "udpWorkbench.closeSocket",
  send: "udpWorkbench.send",
  reply: "udpWorkbench.reply",
  resend: "udpWorkbench.resend",
  editAndSend: "udpWorkbench.editAndSend",
  replay: "udpWorkbench.replay",
  openInWireshark: "udpWorkbench.openInWireshark",
  clear: "udpWorkbench.clear",
  exportCapture: "udpWorkbench.exportCapture",
  pause: "udpWorkbench.pause",
  resume: "udpWorkbench.resume",
  openInEditor: "udpWorkbench.openInEditor",
  openCapture: "udpWorkbench.openCapture",
  copyAsText: "udpWorkbench.copyAsText",
  copyAsHex: "udpWorkbench.copyAsHex",
  copyAsC: "udpWorkbench.copyAsC",
  copyAsJson: "udpWorkbench.copyAsJson",
  copyAsClient: "udpWorkbench.copyAsClient",
  copyAsPython: "udpWorkbench.copyAsPython",
  decodeAs: "udpWorkbench.decodeAs",
  follow: "udpWorkbench.follow",
  followAsText: "udpWorkbench.followAsText",
  copyAsNode: "udpWorkbench.copyAsNode",
  copyAsCProgram: "udpWorkbench.copyAsCProgram",
  copyAsNetcat: "udpWorkbench.copyAsNetcat",
} as const;

/** What a selection can be copied as, and the command that does it. */
export const COPY_COMMANDS = {
  text: Commands.copyAsText,
  hex: Commands.copyAsHex,
  c: Commands.copyAsC,
  json: Commands.copyAsJson,
  client: Commands.copyAsClient,
  python: Commands.copyAsPython,
  node: Commands.copyAsNode,
  cProgram: Commands.copyAsCProgram,
  nc: Commands.copyAsNetcat,
} as const;

/** What sends, or ends a socket. */
export const SEND_COMMANDS = [
  Commands.send,
  Commands.reply,
  Commands.resend,
  Commands.editAndSend,
  Commands.closeSocket,
  Commands.replay,
] as const;

export const Views = {
  ports: "udpWorkbench.ports",
  datagrams: "udpWorkbench.datagrams",
} as const;

/** Keys of `when` clauses. */
export const ContextKeys = {
  /** True while a program that we can stop has a bound port. */
  bound: "udpWorkbench.bound",
  /** True while the table has datagrams. */
  captured: "udpWorkbench.captured",
  /** True while a command captures. */
  capturing: "udpWorkbench.capturing",
  /** True while the Datagrams view holds its rows. */
  paused: "udpWorkbench.paused",
} as const;

export const Settings = {
  runtime: "runtime",
  runtimePath: "runtimePath",
  quota: "captureQuota",
  autoAttach: "autoAttach",
  wiresharkPath: "wiresharkPath",
} as const;

/** The live capture in an editor tab. */
export const DATAGRAMS_EDITOR = "udpWorkbench.datagramsEditor";
/** A saved capture in an editor tab. */
export const CAPTURE_EDITOR = "udpWorkbench.captureEditor";

export const TASK_TYPE = "udp";
