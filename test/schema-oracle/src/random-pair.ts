import { seededRandom } from '@millrace/testing/random';
import type { SchemaPair } from './avro-java.ts';

type Json = unknown;

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];
const names = ['A', 'B', 'C', 'string', 'ns.A', 'ns.B', 'other.A', 'E', 'F'];
const symbols = ['RED', 'GREEN', 'BLUE', 'GOLD'];
const fieldNames = ['a', 'b', 'c', 'd'];

/**
 * Draws a schema, and a second one that is the same with a few changes, so that most pairs differ
 * in one place. One in thirty texts is not a schema.
 */
export function randomPair(seed: number): SchemaPair {
  const draw = new Draw(seededRandom(seed));
  const first = draw.schema(0);
  const second = draw.chance(0.15) ? draw.schema(0) : draw.changed(first, 1 + draw.below(3));
  const [reader, writer] = draw.chance(0.5) ? [first, second] : [second, first];
  return { reader: JSON.stringify(reader), writer: JSON.stringify(writer) };
}

class Draw {
  readonly #random: () => number;
  #defined = new Set<string>();

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #one<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  schema(depth: number): Json {
    if (depth === 0) this.#defined = new Set();
    const kind = depth > 3 ? 0 : this.below(10);
    if (kind < 3) return this.#primitive();
    if (kind === 3) return { type: 'array', items: this.schema(depth + 1) };
    if (kind === 4) return { type: 'map', values: this.schema(depth + 1), ...this.#properties() };
    if (kind === 5)
      return Array.from({ length: 1 + this.below(3) }, () => this.schema(depth + 1)).filter(
        (branch, index, all) => !Array.isArray(branch) && all.findIndex((one) => same(one, branch)) === index,
      );
    if (kind === 6 && this.#defined.size > 0) return this.#one([...this.#defined]);
    return this.#named(depth);
  }

  #primitive(): Json {
    const type = this.#one(primitives);
    return this.chance(0.15) ? { type, ...this.#properties() } : type;
  }

  #properties(): object {
    if (this.chance(0.7)) return {};
    return { logicalType: 'odd', 'z-first': { b: 1, a: [null, 'x'] }, a: 1.5 };
  }

  #named(depth: number): Json {
    const name = this.#one(names);
    this.#defined.add(name);
    const common = {
      name,
      ...(this.chance(0.2) && { namespace: this.#one(['ns', 'other', '']) }),
      ...(this.chance(0.2) && { aliases: [this.#one(names), 'ns.Old'] }),
      ...(this.chance(0.2) && { doc: 'a "doc" – ü' }),
      ...this.#properties(),
    };
    const kind = this.below(5);
    if (kind === 0)
      return {
        type: 'enum',
        ...common,
        symbols: this.#some(symbols),
        ...(this.chance(0.3) && { default: 'RED' }),
      };
    if (kind === 1) return { type: 'fixed', ...common, size: this.#one([1, 4, 16]) };
    return {
      type: this.chance(0.1) ? 'error' : 'record',
      ...common,
      fields: this.#some(fieldNames).map((field) => this.#field(field, depth)),
    };
  }

  #field(name: string, depth: number): Json {
    return {
      name,
      type: this.schema(depth + 1),
      ...(this.chance(0.3) && { default: this.#one<Json>([null, 1, 'x', [], {}, 1.5e3]) }),
      ...(this.chance(0.15) && { aliases: ['old', this.#one(fieldNames)] }),
      ...(this.chance(0.1) && { order: this.#one(['ascending', 'descending', 'ignore']) }),
      ...(this.chance(0.1) && { doc: 'text' }),
      ...this.#properties(),
    };
  }

  #some(from: readonly string[]): readonly string[] {
    const chosen = from.filter(() => this.chance(0.6));
    return chosen.length > 0 || this.chance(0.1) ? chosen : from.slice(0, 1);
  }

  /** Changes places of a schema, each to something that may be wrong. */
  changed(schema: Json, count: number): Json {
    let changed = JSON.parse(JSON.stringify(schema)) as Json;
    for (let done = 0; done < count; done += 1) {
      const places = placesIn(changed);
      const { value, put } = this.#one(places);
      changed = put(this.#instead(value));
    }
    return changed;
  }

  #instead(value: Json): Json {
    if (Array.isArray(value)) {
      if (value.length === 0 || this.chance(0.4))
        return [...value, this.chance(0.5) ? this.#primitive() : this.#one(value)];
      return value.filter((_, index) => index !== value.length - 1);
    }
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value);
      if ('type' in value && 'name' in value && !('fields' in value) && !('symbols' in value))
        return this.chance(0.5) ? { ...value, default: null } : { ...value, aliases: ['a', 'b'] };
      return this.chance(0.5) ? this.schema(2) : Object.fromEntries(entries.slice(0, -1));
    }
    if (typeof value === 'number') return value * 2;
    return this.#one([...primitives, ...names, ...symbols, ...fieldNames]);
  }
}

const same = (left: Json, right: Json): boolean => JSON.stringify(left) === JSON.stringify(right);

interface Spot {
  readonly value: Json;
  /** Returns the whole schema with another value here. */
  put(value: Json): Json;
}

function placesIn(root: Json): readonly Spot[] {
  const found: Spot[] = [];
  const visit = (value: Json, put: (value: Json) => Json): void => {
    found.push({ value, put });
    if (Array.isArray(value))
      value.forEach((each, index) => visit(each, (other) => put(value.with(index, other))));
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value))
        visit(each, (other) => put({ ...value, [key]: other }));
  };
  visit(root, (value) => value);
  return found;
}
