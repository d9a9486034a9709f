/** Small parts that several cards share. */

import type { ComponentChildren } from 'preact';
import type { Chain } from '../model.ts';

/** One step: a section named by its heading. */
export function Card(props: { id: string; step?: string; title: string; done?: boolean; children: ComponentChildren }) {
  const heading = `${props.id}-title`;
  return (
    <section class="card" aria-labelledby={heading} data-done={props.done ? 'yes' : undefined}>
      <h2>
        {props.step && (
          <span class="step" aria-hidden="true">
            {props.done ? '✓' : props.step}
          </span>
        )}
        <span id={heading}>{props.title}</span>
      </h2>
      {props.children}
    </section>
  );
}

/** What went wrong, announced at once; `calm` when it is what the visitor wanted. */
export function Problem({ children, id, calm }: { children: ComponentChildren; id?: string; calm?: boolean }) {
  return (
    <p class={calm ? 'notice' : 'problem'} role="alert" id={id}>
      {children}
    </p>
  );
}

/**
 * A button that keeps the focus while it does nothing: a disabled one loses it, and whoever cannot see the page is then
 * nowhere. `main` is for what comes next; the page shows one at a time.
 */
export function Button(props: {
  children: ComponentChildren;
  onClick: () => void;
  main?: boolean;
  off?: boolean;
  class?: string;
}) {
  const { children, onClick, main = false, off = false } = props;
  return (
    <button
      type="button"
      class={[main ? 'main' : '', props.class ?? ''].filter(Boolean).join(' ') || undefined}
      aria-disabled={off ? true : undefined}
      onClick={() => {
        if (!off) onClick();
      }}
    >
      {children}
    </button>
  );
}

/** What few want to read, folded. */
export function Fold({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** Names and values. `name` is for tests and styles. */
export function Facts(props: { facts: readonly Fact[]; class?: string }) {
  return (
    <dl class={props.class ?? 'facts'}>
      {props.facts.map(({ label, name, value }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd data-value={name}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The label of a genesis: it proves nothing unless it was compared with a known one. */
export function genesisLabel({ pinned }: Chain): string {
  return pinned ? 'Genesis' : 'Genesis (not pinned)';
}

/** What follows the name of a chain that only its endpoint vouches for. */
export function vouched({ pinned, endpoint }: Chain): string {
  return pinned ? '' : `, as ${endpoint} says (not pinned)`;
}

export interface Fact {
  readonly label: string;
  readonly name: string;
  readonly value: ComponentChildren;
}

/** A key or hash in full: it wraps where it must, and reads as one word. */
export function Whole({ text }: { text: string }) {
  return <code class="whole">{text}</code>;
}
