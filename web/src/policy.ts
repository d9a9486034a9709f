/** What a Content-Security-Policy refused: browsers say so in an event, not in the error. */

/** Whether these words of an engine say that a policy forbids WebAssembly. */
export function forbidsWasm(words: string): boolean {
  return /content.security|unsafe-eval|\bCSP\b/i.test(words);
}

/** What to do then. */
export const WASM_POLICY = "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src";

/** Listens for violations until it ends. */
export interface PolicyWatch {
  /** The first directive violated since the start, if any. */
  violated(): Promise<string | undefined>;
  /** Stops listening. */
  end(): void;
}

/** Starts to listen. Without a page there is no policy. */
export function watchPolicy(): PolicyWatch {
  let directive: string | undefined;
  const listen = (event: SecurityPolicyViolationEvent): void => {
    directive ??= event.effectiveDirective;
  };
  globalThis.addEventListener?.('securitypolicyviolation', listen);
  return {
    async violated() {
      // The event is a separate task, which may come after the error.
      if (globalThis.document && !directive) await new Promise((resolve) => setTimeout(resolve, 20));
      return directive;
    },
    end() {
      globalThis.removeEventListener?.('securitypolicyviolation', listen);
    },
  };
}
