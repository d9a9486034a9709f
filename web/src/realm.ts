/** What a value is, whoever made it: a frame, `node:vm` and a bundler's runtime have classes of their own, of which `instanceof` knows nothing. */

interface Kinds {
  readonly AbortSignal: AbortSignal;
  readonly ArrayBuffer: ArrayBuffer;
  readonly Response: Response;
  readonly URL: URL;
  readonly Uint8Array: Uint8Array;
  readonly 'WebAssembly.Module': WebAssembly.Module;
}

/** Whether a value is of this platform class, in any realm. */
export function isA<Kind extends keyof Kinds>(value: unknown, kind: Kind): value is Kinds[Kind] {
  return Object.prototype.toString.call(value) === `[object ${kind}]`;
}
