/**
 * Takes the messages of panics out of a module: a panic ends in a trap that says nothing, but core's own code still
 * composes its message, with all that formats text, and names the place in the source.
 */

import binaryen from 'binaryen';

/**
 * What never returns, and what only they call, by its mangled name in core and alloc: those came compiled with the
 * toolchain.
 */
const PANICS =
  /^_R.*(4core|5alloc|7___rustc).*(panic|slice_(index|error)_fail|len_mismatch_fail|unwrap_failed|expect_failed|handle_error|alloc_error|capacity_overflow)/;
/** What formats text. */
const FORMATS = /^_R.*(4core|5alloc|7___rustc).*3fmt/;

/** The same module; it needs its names. `texts` says that it formats some of its own: that of the CPU has none. */
export function snip(bytes, { texts = false } = {}) {
  const module = binaryen.readBinary(unplaced(bytes));
  let count = 0;
  for (let index = 0; index < module.getNumFunctions(); index += 1) {
    const reference = module.getFunctionByIndex(index);
    const { name, base } = binaryen.getFunctionInfo(reference);
    if (base || !(PANICS.test(name) || (!texts && FORMATS.test(name)))) continue;
    binaryen.Function.setBody(reference, module.unreachable());
    count += 1;
  }
  if (count === 0) throw new Error('the module has lost its names, or core has named its panics anew');
  const result = module.emitBinary();
  module.dispose();
  return result;
}

/**
 * Zeros instead of each `core::panic::Location`, and of the path in it: wasm-opt leaves zeros out. One is four words:
 * where the path is, its length, line and column.
 */
function unplaced(bytes) {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const paths = [];
  const segments = dataSegments(copy);
  for (const { address, start, end } of segments) {
    for (let at = start + (-address & 3); at + 16 <= end; at += 4) {
      const [path, length, line, column] = [0, 4, 8, 12].map((offset) => view.getUint32(at + offset, true));
      const place = offsetOf(segments, path, length);
      if (place === undefined || line === 0 || column === 0 || line > 100_000 || column > 1_000) continue;
      const text = new TextDecoder().decode(copy.subarray(place, place + length));
      if (!/^[\w./@-]+\.rs$/.test(text)) continue;
      copy.fill(0, at, at + 16);
      paths.push([place, place + length]);
    }
  }
  for (const [start, end] of paths) copy.fill(0, start, end);
  return copy;
}

/** Where in the file that many bytes of memory come from. */
function offsetOf(segments, address, length) {
  const holder = segments.find((each) => address >= each.address && address + length <= each.address + each.end - each.start);
  return length > 3 && length < 300 && holder ? holder.start + address - holder.address : undefined;
}

/** The initial memory: the address of each piece, and where it is in the file. */
function dataSegments(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const segments = [];
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === 11) {
      for (let count = number(); count > 0; count -= 1) {
        // Active, in the only memory, from a constant on: `i32.const ADDRESS; end`. No address has bit 31.
        if (number() !== 0 || bytes[at++] !== 0x41) throw new Error('a data segment of an unknown kind');
        const address = number();
        if (bytes[at++] !== 0x0b) throw new Error('a data segment with an unknown address');
        const length = number();
        segments.push({ address, start: at, end: at + length });
        at += length;
      }
    }
    at = end;
  }
  return segments;
}
