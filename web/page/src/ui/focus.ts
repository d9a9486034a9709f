/** Where the focus goes when what had it is gone: a reader of the page by keyboard or by ear must not begin at its top again. */

/** The last element of the page that had the focus, and the heading of its card. */
let last: { readonly element: Element; readonly heading: string | null } | undefined;

document.addEventListener('focusin', ({ target }) => {
  const element = target as Element;
  last = { element, heading: element.closest('section')?.getAttribute('aria-labelledby') ?? null };
});

/** Gives the focus to the heading of the card that it was in, or to the state of the page if that card is gone too. */
export function keepFocus(root: HTMLElement): void {
  if (!last || last.element.isConnected || document.activeElement !== document.body) return;
  const heading = last.heading === null ? null : document.getElementById(last.heading);
  const next = heading ?? root.querySelector<HTMLElement>('.status');
  if (!next) return;
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
}
