import type { PlacedEvent } from './run.ts';

/** Encodes one type as bytes, for one store. */
export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** An event as a value and as bytes. Either is made from the other when it is needed. */
export class StoredEvent<T> implements PlacedEvent<T> {
  readonly timeMs: number;
  readonly sequence: number;
  readonly #codec: Codec<T>;
  #value: T | undefined;
  #bytes: Uint8Array | undefined;

  constructor(
    { timeMs, sequence }: Omit<PlacedEvent<T>, 'value'>,
    content: { readonly value: T } | { readonly bytes: Uint8Array },
    codec: Codec<T>,
  ) {
    this.timeMs = timeMs;
    this.sequence = sequence;
    this.#codec = codec;
    if ('value' in content) this.#value = content.value;
    else this.#bytes = content.bytes;
  }

  get value(): T {
    this.#value ??= this.#codec.decode(this.#bytes!);
    return this.#value;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#codec.encode(this.#value!);
    return this.#bytes;
  }
}
