/** What the main thread and a worker say to each other. */

/** How the GPU is opened. */
export interface GpuSettings {
  /** How to compile the kernel, if known. */
  readonly tuning: string | undefined;
  /** Whether to try several ways if not. */
  readonly trial: boolean;
}

/** To a worker: first the compiled module, then assignments. */
export type ToWorker =
  | { readonly module: WebAssembly.Module; readonly gpu?: GpuSettings }
  | { readonly assignment: Uint32Array };

/** From a worker: that its script runs, that it can hash, an answer, or that it failed. */
export type FromWorker =
  | { readonly loaded: true }
  | { readonly lanes: string }
  | { readonly answer: Uint32Array }
  | { readonly failed: string };

/** A browser's worker, or the port of a Node thread, from the inside. */
export interface Port {
  post(message: FromWorker, transfer?: ArrayBufferLike[]): void;
  listen(listener: (message: ToWorker) => void): void;
}
