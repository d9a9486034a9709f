// The tests of `btpow-web-tests` in headless Chromium, each as a test of Node's. `cargo xtask test browser` runs them with
//
//   BTPOW_WEB_TESTS     the output of wasm-bindgen
//   BTPOW_NODE_MODULES  where playwright-core is installed
//   BTPOW_CHROMIUM      the browser

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, normalize } from "node:path";
import { after, test } from "node:test";

const {
  BTPOW_WEB_TESTS: folder,
  BTPOW_NODE_MODULES: modules,
  BTPOW_CHROMIUM: executablePath,
} = process.env;
const { chromium } = createRequire(join(modules, "x.js"))("playwright-core");

// Chromium's own software adapter. The GPU's crash limit is for people: a test that loses devices on
// purpose would otherwise switch WebGPU off for the page.
const WITH_ADAPTER = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-gpu-process-crash-limit",
  "--disable-domain-blocking-for-3d-apis",
];
const NO_ADAPTER = "says_that_there_is_no_adapter";
// The longest time for one test. SwiftShader on two busy cores is slow.
const LIMIT = 300_000;

const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  const file = path === "/" ? new URL("index.html", import.meta.url) : join(folder, path);
  try {
    const body = await readFile(file);
    const type = TYPES[String(file).split(".").at(-1)] ?? "text/plain";
    response.writeHead(200, { "content-type": type }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
// A secure context, which WebGPU requires.
const origin = `http://127.0.0.1:${server.address().port}/`;

const launch = (args) => chromium.launch({ executablePath, args });

/** Runs `work` in a fresh page: a panic leaves nothing behind. */
async function inPage(browser, work, argument) {
  const page = await browser.newPage();
  const complaints = [];
  let fail;
  const failed = new Promise((_, reject) => (fail = reject));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  // A panic ends a test's future without an answer, and only the page notices.
  page.on("pageerror", (error) => fail(error));
  const late = setTimeout(() => fail(new Error(`no answer within ${LIMIT / 1000} s`)), LIMIT);
  try {
    await page.goto(origin);
    return await Promise.race([page.evaluate(work, argument), failed]);
  } catch (error) {
    throw new Error([error.message, ...complaints].join("\n"));
  } finally {
    clearTimeout(late);
    await page.close();
  }
}

const wasm = (await readdir(folder)).find((file) => file.endsWith("_bg.wasm"));
const stem = wasm.slice(0, -"_bg.wasm".length);

// In the page: the module, freshly compiled.
const names = async (stem) => {
  const module = await import(`/${stem}.js`);
  await module.default({ module_or_path: `/${stem}_bg.wasm` });
  return module.names();
};
const run = async ([stem, name]) => {
  const module = await import(`/${stem}.js`);
  await module.default({ module_or_path: `/${stem}_bg.wasm` });
  return module.run(name);
};

const browser = await launch(WITH_ADAPTER);
const bare = await launch(["--disable-gpu"]);
after(async () => {
  await Promise.all([browser.close(), bare.close()]);
  server.close();
});

for (const name of await inPage(browser, names, stem)) {
  test(name, async (t) => {
    const said = await inPage(name === NO_ADAPTER ? bare : browser, run, [stem, name]);
    if (said) t.diagnostic(said);
  });
}
