// VS Code's log writer, `@vscode/spdlog`, without its native part: logs and output channels are written as usual.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  #path;
  #level = 2;
  #formatted = true;

  constructor(_type, _name, path) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  setPattern() {}

  clearFormatters() {
    this.#formatted = false;
  }

  flush() {}

  drop() {}

  write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    const line = this.#formatted ? `${time} [${LEVELS[level]}] ${message}\n` : message;
    try {
      appendFileSync(this.#path, line);
    } catch {
      // The window is closed and its folder gone.
    }
  }
}

for (const [level, name] of LEVELS.entries()) {
  Logger.prototype[name] = function log(message) {
    this.write(level, message);
  };
}

const create = async (name, path) => new Logger("rotating", name, path);
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
