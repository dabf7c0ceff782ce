import { murmur3 } from '../../serdes/murmur3.ts';
import type { Serde } from '../../serdes/serde.ts';

/** Tells the values of the left table apart. Null is the hash of no value. */
export function valueHash<V>(serde: Serde<V>, value: V | null, topic: string): Uint8Array | null {
  const bytes = value === null ? null : serde.encode(value, topic);
  return bytes === null ? null : murmur3(bytes);
}

export function isSameHash(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}
