import type { Fields, Shape } from '@millrace/streaming-core/protocol';

const wordsMax = 100;
const itemsMax = 3;
const wordBytesMax = 1_000;

/**
 * The latest values by the name of their field. The name of a topic, member or producer in one
 * request means something in other requests too.
 */
export class WordLists {
  readonly #kept: ReadonlySet<unknown>;
  readonly #words = new Map<string, unknown[]>();
  #learnt = 0;

  /** Values in `kept` are never learnt, because they belong to another client. */
  constructor(kept: Iterable<unknown> = []) {
    this.#kept = new Set(kept);
  }

  learn(fields: Fields, body: unknown): void {
    for (const [name, { shape }] of Object.entries(fields))
      this.#learnShape(name, shape, (body as Readonly<Record<string, unknown>>)[name]);
  }

  of(name: string): readonly unknown[] {
    return this.#words.get(name) ?? [];
  }

  #learnShape(name: string, shape: Shape, value: unknown): void {
    if (value === null || value === undefined) return;
    if (shape.kind === 'object') return this.learn(shape.fields, value);
    if (shape.kind !== 'array') return this.#learnValue(name, value);
    for (const item of (value as readonly unknown[]).slice(0, itemsMax))
      this.#learnShape(name, shape.item, item);
  }

  #learnValue(name: string, value: unknown): void {
    const words = this.#words.get(name) ?? [];
    if (this.#kept.has(value) || words.includes(value)) return;
    if ((typeof value === 'string' || Buffer.isBuffer(value)) && value.length > wordBytesMax) return;
    if (words.length < wordsMax) words.push(value);
    else words[this.#learnt % wordsMax] = value;
    this.#learnt += 1;
    this.#words.set(name, words);
  }
}
