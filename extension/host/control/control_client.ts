import { createHmac } from "node:crypto";
import { connect } from "node:net";
import {
  CONTROL_PATIENCE_MS,
  type ControlReply,
  type ControlRequest,
  formatProven,
  formatRequest,
  MOST_REPLY,
  parseGreeting,
  parseProven,
  parseReply,
  provenText,
} from "../../core/wire/control_message.ts";

/**
 * Nobody listens there; or somebody does and says nothing, such as a program that a debugger has stopped: nothing was
 * asked. Or they were asked and gave no reply: then nobody knows what was done.
 */
export type Silence = "noProgram" | "noGreeting" | "noReply";

/**
 * Asks the program that listens at `path`.
 *
 * @param token What the program was given in its environment when it was started.
 */
export function askProgram(
  path: string,
  token: string,
  request: ControlRequest,
): Promise<ControlReply | Silence> {
  const prove = (challenge: string, body: string) =>
    createHmac("sha256", token)
      .update(provenText(path, challenge, body))
      .digest("hex");
  return new Promise((resolve) => {
    let text = "";
    let silence: Silence = "noProgram";
    let asked = "";
    const connection = connect(path);
    const finish = (reply?: ControlReply) => {
      clearTimeout(deadline);
      connection.destroy();
      resolve(reply ?? silence);
    };
    const deadline = setTimeout(finish, CONTROL_PATIENCE_MS);
    const greeted = (line: string) => {
      const nonce = parseGreeting(line);
      if (nonce === undefined) {
        finish();
        return;
      }
      silence = "noReply";
      const body = formatRequest(request);
      asked = prove(nonce, body);
      connection.write(`${formatProven({ auth: asked, body })}\n`);
    };
    const replied = (line: string) => {
      const reply = parseProven(line);
      finish(reply && reply.auth === prove(asked, reply.body) ? parseReply(reply.body) : undefined);
    };
    connection.setEncoding("utf8");
    connection.on("connect", () => {
      silence = "noGreeting";
    });
    connection.on("error", () => finish());
    connection.on("close", () => finish());
    connection.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end < 0 && text.length > MOST_REPLY) finish();
      if (end < 0) return;
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (asked === "") greeted(line);
      else replied(line);
    });
  });
}
