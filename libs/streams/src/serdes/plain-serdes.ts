import type { Serde } from './serde.ts';
import { SerdeError, checkLength } from './serde-error.ts';

/** The bytes as they are. */
export const bytes: Serde<Uint8Array> = Object.freeze({
  encode(value: Uint8Array, topic: string) {
    if (!(value instanceof Uint8Array))
      throw new SerdeError('bytes', topic, `${String(value)} is not a Uint8Array`);
    return value;
  },
  decode: (value: Uint8Array) => value,
});

/** One byte, 0 or 1, as Kafka's `BooleanSerializer`. */
export const boolean: Serde<boolean> = Object.freeze({
  encode(value: boolean, topic: string) {
    if (typeof value !== 'boolean')
      throw new SerdeError('boolean', topic, `${String(value)} is not a boolean`);
    return Uint8Array.of(value ? 1 : 0);
  },
  decode(encoded: Uint8Array, topic: string) {
    checkLength('boolean', topic, encoded, 1);
    const [byte] = encoded;
    if (byte !== 0 && byte !== 1) throw new SerdeError('boolean', topic, `expected 0 or 1, got ${byte}`);
    return byte === 1;
  },
});
