/** What a Content-Security-Policy refused: browsers say so in an event, not in the error. */

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
