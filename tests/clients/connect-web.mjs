// Drives a running Roster with the Connect client for browsers, in headless Chromium, from a page of another
// origin: preflights, the Authorization header, unary calls and the stream of changes.
//
//   node connect-web.mjs CHROMIUM DESCRIPTOR_SET
//
// Serves the page, prints its origin, and then reads one line `BASE_URL TOKEN`: the server has to be told the
// origin before it starts. Prints `N passed, M failed` and exits with 1 if one failed.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const [browserPath, descriptorPath] = process.argv.slice(2);
if (!browserPath || !descriptorPath) {
  console.error("usage: node connect-web.mjs CHROMIUM DESCRIPTOR_SET");
  process.exit(2);
}

const folder = dirname(fileURLToPath(import.meta.url));

/** The module of a package that the browser loads for each name that the package exports. */
function exported(name) {
  const { exports } = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
  const modules = Object.entries(exports).filter(([, target]) => target.import);
  const file = ({ import: target }) => (typeof target === "string" ? target : target.default);
  return modules.map(([path, target]) => [join(name, path), `/node_modules/${join(name, file(target))}`]);
}

const packages = ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web"];
const imports = Object.fromEntries(packages.flatMap(exported));
const page = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>`;

function file(url) {
  if (url === "/") return [page, "text/html"];
  if (url === "/descriptor.bin") return [readFileSync(descriptorPath), "application/octet-stream"];
  return [readFileSync(join(folder, normalize(url))), "text/javascript"];
}

const server = createServer((request, response) => {
  try {
    const [body, type] = file(request.url);
    response.writeHead(200, { "content-type": type }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "localhost", listening));
const origin = `http://localhost:${server.address().port}`;
console.log(origin);

const line = await new Promise((read) => createInterface({ input: process.stdin }).once("line", read));
const [baseUrl, token] = line.split(" ");

// --no-sandbox: as root, as in CI, there is none
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
try {
  const tab = await browser.newPage();
  tab.on("console", (message) => console.error(message.text()));
  await tab.goto(origin);
  const run = async ([baseUrl, token]) => (await import("/connect-web-page.mjs")).run(baseUrl, token);
  const { passed, failures } = await tab.evaluate(run, [baseUrl, token]);
  for (const failure of failures) console.error(`FAILED ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length ? 1 : 0;
} finally {
  await browser.close();
  server.close();
  process.stdin.destroy();
}
