import type { Change } from '../processor/record.ts';
import { type Serde, SerdeError } from './serde.ts';

const oldOnly = 0;
const newOnly = 1;
const newAndOld = 2;

/**
 * An update of a grouped table on its repartition topic: the bytes of Kafka Streams'
 * `ChangedSerializer`. The last byte is the format.
 *
 * - 0: old value
 * - 1: new value
 * - 2: length of the new value (zigzag varint), new value, old value
 *
 * Formats 3 to 5, which other versions write, have a byte `isLatest` before the format.
 */
export const changed = <V>(inner: Serde<V>): Serde<Change<V>> => ({
  encode({ newValue, oldValue }, topic) {
    const newBytes = newValue === null ? null : inner.encode(newValue, topic);
    const oldBytes = oldValue === null ? null : inner.encode(oldValue, topic);
    if (newBytes !== null && oldBytes !== null) {
      return Buffer.concat([zigzagVarint(newBytes.length), newBytes, oldBytes, Uint8Array.of(newAndOld)]);
    }
    if (newBytes !== null) return Buffer.concat([newBytes, Uint8Array.of(newOnly)]);
    if (oldBytes !== null) return Buffer.concat([oldBytes, Uint8Array.of(oldOnly)]);
    throw new SerdeError('changed', topic, 'an update needs an old value or a new value');
  },
  decode(bytes, topic) {
    const format = bytes.at(-1);
    if (format === undefined || format > 5)
      throw new SerdeError('changed', topic, `unknown format ${format}`);
    const hasLatestFlag = format > newAndOld;
    const values = bytes.subarray(0, hasLatestFlag ? -2 : -1);
    const { newBytes, oldBytes } = splitValues(values, format % 3);
    return {
      newValue: newBytes === null ? null : inner.decode(newBytes, topic),
      oldValue: oldBytes === null ? null : inner.decode(oldBytes, topic),
      isLatest: !hasLatestFlag || bytes.at(-2) === 1,
    };
  },
});

function splitValues(
  values: Uint8Array,
  content: number,
): { readonly newBytes: Uint8Array | null; readonly oldBytes: Uint8Array | null } {
  if (content === oldOnly) return { newBytes: null, oldBytes: values };
  if (content === newOnly) return { newBytes: values, oldBytes: null };
  const { value: length, byteCount } = readZigzagVarint(values);
  const newEnd = byteCount + length;
  return { newBytes: values.subarray(byteCount, newEnd), oldBytes: values.subarray(newEnd) };
}

/** Encodes a length. It is never negative, so its zigzag form is twice the length. */
function zigzagVarint(length: number): Uint8Array {
  const bytes: number[] = [];
  let rest = length * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function readZigzagVarint(bytes: Uint8Array): { readonly value: number; readonly byteCount: number } {
  let value = 0;
  let byteCount = 0;
  for (const byte of bytes) {
    value += (byte & 127) * 128 ** byteCount;
    byteCount += 1;
    if (byte < 128) break;
  }
  return { value: value / 2, byteCount };
}
