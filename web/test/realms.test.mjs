/** Values of another realm, as frames, `node:vm` and the runtimes of bundlers make them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { seal } from '../dist/index.js';
import { challenge, root } from './shared/files.mjs';

const elsewhere = vm.createContext({});
const there = (text) => vm.runInContext(text, elsewhere);
const file = new URL('dist/btpow_bg.wasm', root);
/** A copy of the package that has not loaded its module yet. */
const fresh = (name) => import(`../dist/index.js?${name}`);

/** What Turbopack gives for `new URL('./file', import.meta.url)`: the path that browsers would use. */
class RelativeURL extends URL {
  constructor(path) {
    super(path, 'x:/');
    for (const [name, value] of Object.entries({ href: path, pathname: path, origin: '', protocol: '' })) {
      Object.defineProperty(this, name, { value });
    }
    this.toString = this.toJSON = () => path;
  }
}

test('bytes of another realm are bytes', async () => {
  const own = challenge(1n);
  const foreign = { ...own };
  for (const name of ['blockHash', 'hotkey', 'coldkey']) {
    foreign[name] = there(`Uint8Array.from([${own[name]}])`);
    assert.ok(!(foreign[name] instanceof Uint8Array));
  }
  assert.deepEqual(await seal(foreign, 7n), await seal(own, 7n));
  await assert.rejects(seal({ ...own, hotkey: there('new Uint8Array(31)') }, 0n), { code: 'invalid-argument', message: /not 31 bytes$/ });
});

test('a module, its bytes and its URL of another realm load', async () => {
  elsewhere.digits = readFileSync(file).toString('latin1');
  there('bytes = Uint8Array.from(digits, (character) => character.charCodeAt(0))');
  elsewhere.href = file.href;
  // A class that looks like the platform's, as another realm's does.
  const url = there("Object.defineProperty({ href, toString() { return href; } }, Symbol.toStringTag, { value: 'URL' })");
  for (const [name, wasm] of Object.entries({
    bytes: there('bytes'), buffer: there('bytes.buffer'), module: there('new WebAssembly.Module(bytes)'), url,
  })) {
    const { verify } = await fresh(name);
    assert.equal(await verify(challenge(1n), 0n, { wasm }), true, name);
  }
});

test('a URL that is relative to nothing says what server code needs', async () => {
  const { BtpowError, verify } = await fresh('relative');
  await assert.rejects(verify(challenge(1n), 0n, { wasm: new RelativeURL('/_next/static/media/btpow_bg.0000.wasm') }), (error) => {
    assert.ok(error instanceof BtpowError);
    assert.equal(error.code, 'wasm-load');
    assert.match(error.message, /\/_next\/static\/media\/btpow_bg\.0000\.wasm.*serverExternalPackages/);
    return true;
  });
});
