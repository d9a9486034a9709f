/** What the main thread and a worker say to each other. */

/** To a worker: first the compiled module, then orders. */
export type ToWorker = { readonly module: WebAssembly.Module } | { readonly order: Uint32Array };

/** From a worker: that its script runs, that it can hash, an answer, or that it failed. */
export type FromWorker =
  | { readonly loaded: true }
  | { readonly lanes: string }
  | { readonly answer: Uint32Array }
  | { readonly failed: string };
