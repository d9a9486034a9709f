/**
 * How much work it takes to read a value of a type.
 *
 * The library that reads values follows their types as deep, and as often, as the types say. Types that an endpoint
 * invents may hold themselves, or nothing a billion times over. So the page measures a type before it reads a value of it.
 */

import type { UnifiedMetadata } from '@polkadot-api/substrate-bindings';

type Lookup = UnifiedMetadata['lookup'];
type Type = Lookup[number];

/** The deepest nesting to follow. Real types end after ten levels or so. */
const DEEPEST = 64;

/** The most parts of a value, a list counted as one. */
const MOST_PARTS = 4_096;

/** The most parts that a list may have for each of its bytes. */
const PARTS_PER_BYTE = 16;

/** The measure of a type's values. */
interface Measure {
  /** How deep they are nested. */
  readonly levels: number;
  /** The most parts. */
  readonly parts: number;
  /** The most parts beyond those that their bytes pay for. */
  readonly unpaid: number;
}

const BYTE: Measure = { levels: 1, parts: 1, unpaid: 1 - PARTS_PER_BYTE };
const ENDLESS: Measure = { levels: Infinity, parts: Infinity, unpaid: Infinity };

/** Whether the time to read values of the types with these numbers grows with their bytes alone. */
export function areReadable(lookup: Lookup, numbers: readonly number[]): boolean {
  const known = new Map<number, Measure>();
  return numbers.every((number) => measure(lookup, number, DEEPEST, known).parts <= MOST_PARTS);
}

/** Measures a type: endless if it holds itself, is missing, or is nested too deep. */
function measure(lookup: Lookup, number: number, deepest: number, known: Map<number, Measure>): Measure {
  const type = lookup[number];
  if (!type || deepest === 0) return ENDLESS;
  const before = known.get(number);
  if (before) return before.levels <= deepest ? before : ENDLESS;
  // A type that turns up again on the way holds itself.
  known.set(number, ENDLESS);
  const measured = measureOf(type, (part) => measure(lookup, part, deepest - 1, known));
  known.set(number, measured);
  return measured;
}

function measureOf({ def, path, params }: Type, of: (number: number) => Measure): Measure {
  switch (def.tag) {
    case 'primitive':
    case 'compact':
      return BYTE;
    case 'composite':
      return together(def.value.map(({ type }) => of(type)));
    case 'tuple':
      return together(def.value.map(of));
    case 'array': {
      const { levels, parts, unpaid } = of(def.value.type);
      return { levels: 1 + levels, parts: 1 + def.value.len * parts, unpaid: 1 + def.value.len * unpaid };
    }
    case 'sequence': {
      const element = of(def.value);
      const isPaid = element.parts <= MOST_PARTS && element.unpaid <= 0;
      return isPaid ? { ...BYTE, levels: 1 + element.levels } : ENDLESS;
    }
    case 'variant': {
      // The library reads these two by their parameters.
      const named = path.length === 1 && (path[0] === 'Option' || path[0] === 'Result');
      const held = named ? params.map(({ type }) => (type === undefined ? ENDLESS : of(type))) : [];
      const variants = def.value.map(({ fields }) => together(fields.map(({ type }) => of(type))));
      return together([BYTE, [...held, ...variants].reduce(larger, { levels: 0, parts: 0, unpaid: 0 })]);
    }
    default:
      // Bits: nothing that the page reads has any.
      return ENDLESS;
  }
}

/** The measure of one or the other. */
function larger(one: Measure, other: Measure): Measure {
  return {
    levels: Math.max(one.levels, other.levels),
    parts: Math.max(one.parts, other.parts),
    unpaid: Math.max(one.unpaid, other.unpaid),
  };
}

/** The measure of all of them, one after the other. */
function together(measures: readonly Measure[]): Measure {
  return {
    levels: 1 + measures.reduce((most, { levels }) => Math.max(most, levels), 0),
    parts: 1 + measures.reduce((sum, { parts }) => sum + parts, 0),
    unpaid: 1 + measures.reduce((sum, { unpaid }) => sum + unpaid, 0),
  };
}
