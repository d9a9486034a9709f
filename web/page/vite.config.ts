import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/**
 * What the page may load and do. `connect-src` must allow whatever endpoint a visitor chooses: any
 * over TLS, and plain ones on the same machine. README.md has the same policy, as a header for hosts.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self' wss: ws://127.0.0.1:* ws://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The policy is part of the built page; in development Vite needs inline scripts. */
const policy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
};

/** The metadata reader looks codecs up by name: this gives it a list of those that it needs instead of all. */
const codecs: Plugin = {
  name: 'codecs',
  enforce: 'pre',
  resolveId(source, importer) {
    const all = source === '@polkadot-api/substrate-bindings' && importer?.includes('@polkadot-api/metadata-builders');
    return all ? fileURLToPath(new URL('src/chain/scale.ts', import.meta.url)) : undefined;
  },
};

export default defineConfig({
  // Works in any folder of any host.
  base: './',
  plugins: [policy, codecs],
  resolve: {
    alias: { btpow: fileURLToPath(new URL('../dist/index.js', import.meta.url)) },
  },
  server: { fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    // The policy allows no `data:` URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of the bundled libraries.
    license: { fileName: 'licences.txt' },
    rolldownOptions: { output: { comments: false } },
  },
});
