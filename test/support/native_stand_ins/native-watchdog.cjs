// `@vscode/native-watchdog` ends an extension host whose server has died, even while it is busy. Ours is ended by its keeper.
exports.start = () => {};
exports.exit = (code) => process.exit(code);
