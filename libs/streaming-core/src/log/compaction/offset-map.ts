import { hash } from 'node:crypto';

const slotWords = 4;
/** Offsets are kept one higher. */
const empty = 0n;
/** Fuller than this, look-ups grow long. */
const loadMax = 0.75;

/**
 * The last offset of each key, for as many keys as its memory holds: 24 bytes a slot. Keys are told apart by 128 bits of their SHA-256, as
 * Kafka does by MD5: no two keys of one log have ever met in them.
 */
export class OffsetMap {
  readonly #mask: number;
  readonly #hashes: Uint32Array;
  readonly #offsets: BigInt64Array;
  readonly keysMax: number;
  #size = 0;

  /** For this many keys, if that much memory is allowed. */
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

  /** Throws RangeError when it is full. */
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

  /** The key's slot, or the one where it would go. */
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
