/** What a Content-Security-Policy refused: browsers tell it in an event, not in the error. */

/** Listens until its end. */
export interface PolicyWatch {
  /** The directive that was violated since the start, if one was. */
  violated(): Promise<string | undefined>;
  /** Stops listening. */
  end(): void;
}

/** Starts to listen; without a page there is no policy. */
export function watchPolicy(): PolicyWatch {
  let directive: string | undefined;
  const listen = (event: SecurityPolicyViolationEvent): void => {
    directive ??= event.effectiveDirective;
  };
  globalThis.addEventListener?.('securitypolicyviolation', listen);
  return {
    async violated() {
      // The event is a task of its own, which may come after the error.
      if (globalThis.document && !directive) await new Promise((resolve) => setTimeout(resolve, 20));
      return directive;
    },
    end() {
      globalThis.removeEventListener?.('securitypolicyviolation', listen);
    },
  };
}
