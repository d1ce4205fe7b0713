import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Makes `webview` a page with the grid. */
export function showDatagramsHtml(webview: vscode.Webview, extensionUri: vscode.Uri): void {
  showPageHtml(webview, extensionUri, "datagrams");
}

/** Makes `webview` one of our pages: its script and its style are called after it. */
export function showPageHtml(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  name: "datagrams" | "statistics" | "values",
): void {
  const root = vscode.Uri.joinPath(extensionUri, "dist/webview");
  const nonce = randomBytes(16).toString("base64url");
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(root, file));
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  webview.html = `<!doctype html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${uri(`${name}.css`)}">
<title>UDP</title>
</head>
<body><script nonce="${nonce}" src="${uri(`${name}.js`)}"></script></body>
</html>`;
}
