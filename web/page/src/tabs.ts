/** Only one tab mines: two would share the same processors. */

const LOCK = 'btpow-mining';

/**
 * Claims the machine for this tab; `steal` takes it from another one. Resolves to a function that gives it back, or to
 * nothing while another tab has it. Calls `lost` when another tab takes it.
 *
 * Where the browser has no locks (a page without TLS on another machine), every tab may mine.
 */
export function claim(steal: boolean, lost: () => void): Promise<(() => void) | undefined> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    const options = steal ? { steal } : { ifAvailable: true };
    navigator.locks
      .request(LOCK, options, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(lost);
  });
}

/** Resolves once no tab mines. */
export async function whenFree(signal: AbortSignal): Promise<void> {
  await navigator.locks?.request(LOCK, { signal }, () => {});
}
