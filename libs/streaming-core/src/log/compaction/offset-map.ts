import { hash } from 'node:crypto';

const slotWords = 4;
/** Slots store offset + 1, so that 0 can mean "empty". */
const empty = 0n;
/** Look-ups become slow in a fuller map. */
const loadMax = 0.75;

/**
 * The last offset of each key, for as many keys as the memory holds: 24 bytes per slot. It
 * identifies keys by 128 bits of their SHA-256, like Kafka by their MD5, and assumes that no two
 * keys of a log share them.
 */
export class OffsetMap {
  readonly #mask: number;
  readonly #hashes: Uint32Array;
  readonly #offsets: BigInt64Array;
  readonly keysMax: number;
  #size = 0;

  /** Makes room for this many keys, within the memory limit. */
  constructor(options: { readonly keys: number; readonly bytesMax: number }) {
    let slots = 16;
    while (slots * loadMax < options.keys && 2 * slots * OffsetMap.slotBytes <= options.bytesMax) slots *= 2;
    this.#mask = slots - 1;
    this.#hashes = new Uint32Array(slots * slotWords);
    this.#offsets = new BigInt64Array(slots);
    this.keysMax = Math.floor(slots * loadMax);
  }

  static readonly slotBytes = 24;

  get size(): number {
    return this.#size;
  }

  /** Throws RangeError if the map is full. */
  put(key: Buffer, offset: bigint): void {
    const words = wordsOf(key);
    const slot = this.#slotOf(words);
    if (this.#offsets[slot] === empty) {
      if (this.#size >= this.keysMax) throw new RangeError(`more than ${this.keysMax} keys`);
      this.#size += 1;
      for (let index = 0; index < slotWords; index += 1)
        this.#hashes[slot * slotWords + index] = words[index]!;
    }
    this.#offsets[slot] = offset + 1n;
  }

  get(key: Buffer): bigint | undefined {
    const kept = this.#offsets[this.#slotOf(wordsOf(key))]!;
    return kept === empty ? undefined : kept - 1n;
  }

  /** The slot of the key, or the empty slot where it belongs. */
  #slotOf(words: readonly number[]): number {
    for (let slot = words[0]! & this.#mask; ; slot = (slot + 1) & this.#mask)
      if (this.#offsets[slot] === empty || this.#isAt(slot, words)) return slot;
  }

  #isAt(slot: number, words: readonly number[]): boolean {
    const at = slot * slotWords;
    return words.every((word, index) => this.#hashes[at + index] === word);
  }
}

function wordsOf(key: Buffer): readonly number[] {
  const digest = hash('sha256', key, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}
