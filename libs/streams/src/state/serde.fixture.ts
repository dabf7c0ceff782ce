import type { Serde } from '../serdes/serde.ts';

/** UTF-8. The empty text stands for no value. */
export const text: Serde<string> = {
  encode: (value) => (value === '' ? null : new Uint8Array(Buffer.from(value))),
  decode: (bytes) => Buffer.from(bytes).toString(),
};
