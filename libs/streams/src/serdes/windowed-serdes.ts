import type { Windowed } from '../processor/windows.ts';
import { readInt64, writeInt64 } from './number-serdes.ts';
import { type Serde, SerdeError } from './serde.ts';

const timeBytes = 8;

/**
 * A key and the start of its window (int64), as Kafka Streams' `TimeWindowedSerializer`. The size
 * is not in the bytes: the reader must know it, in milliseconds.
 */
export function timeWindowed<K>(inner: Serde<K>, sizeMs: number): Serde<Windowed<K>> {
  if (!Number.isSafeInteger(sizeMs) || sizeMs <= 0)
    throw new RangeError(`timeWindowed: the size of a window is at least 1 ms, got ${sizeMs}`);
  return Object.freeze({
    encode: ({ key, window }: Windowed<K>, topic: string) =>
      withTimes('timeWindowed', topic, inner.encode(key, topic), [window.startMs]),
    partitionKey: ({ key }: Windowed<K>, topic: string) => inner.encode(key, topic),
    decode(bytes: Uint8Array, topic: string) {
      const startMs = timeAt('timeWindowed', topic, bytes, bytes.length - timeBytes);
      const key = keyOf('timeWindowed', topic, inner, bytes, bytes.length - timeBytes);
      return { key, window: { startMs, endMs: Math.min(startMs + sizeMs, Number.MAX_SAFE_INTEGER) } };
    },
  });
}

/** A key and the end and the start of its session (int64 each), as `SessionWindowedSerializer`. */
export function sessionWindowed<K>(inner: Serde<K>): Serde<Windowed<K>> {
  return Object.freeze({
    encode: ({ key, window }: Windowed<K>, topic: string) =>
      withTimes('sessionWindowed', topic, inner.encode(key, topic), [window.endMs, window.startMs]),
    partitionKey: ({ key }: Windowed<K>, topic: string) => inner.encode(key, topic),
    decode(bytes: Uint8Array, topic: string) {
      const endAt = bytes.length - 2 * timeBytes;
      const endMs = timeAt('sessionWindowed', topic, bytes, endAt);
      const startMs = timeAt('sessionWindowed', topic, bytes, endAt + timeBytes);
      return { key: keyOf('sessionWindowed', topic, inner, bytes, endAt), window: { startMs, endMs } };
    },
  });
}

function withTimes(
  serde: string,
  topic: string,
  key: Uint8Array | null,
  times: readonly number[],
): Uint8Array {
  if (key === null) throw new SerdeError(serde, topic, 'the serde of the key made null of a key');
  const bytes = Buffer.alloc(key.length + timeBytes * times.length);
  bytes.set(key);
  for (const [index, timeMs] of times.entries()) {
    if (!Number.isSafeInteger(timeMs))
      throw new SerdeError(serde, topic, `${timeMs} is not a time in milliseconds`);
    writeInt64(bytes, key.length + timeBytes * index, timeMs);
  }
  return bytes;
}

function timeAt(serde: string, topic: string, bytes: Uint8Array, at: number): number {
  if (at < 0) {
    const expected = serde === 'timeWindowed' ? timeBytes : 2 * timeBytes;
    throw new SerdeError(serde, topic, `expected at least ${expected} bytes, got ${bytes.length}`);
  }
  return readInt64(bytes, at);
}

function keyOf<K>(serde: string, topic: string, inner: Serde<K>, bytes: Uint8Array, length: number): K {
  const key = inner.decode(bytes.subarray(0, length), topic);
  if (key === null) throw new SerdeError(serde, topic, 'the serde of the key made null of the bytes');
  return key;
}
