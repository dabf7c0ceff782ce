import { describe, expect, it } from '@jest/globals';
import type { Serde } from './serde.ts';
import { unmatchedKeySerde, type JoinSide, unmatchedValuesSerde } from './unmatched.ts';

const text: Serde<string> = {
  encode: (value) => (value === 'nothing' ? null : Buffer.from(value)),
  decode: (bytes) => Buffer.from(bytes).toString(),
};
const keys = unmatchedKeySerde(text);
const lists = unmatchedValuesSerde(text, text);
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');

/** The expected bytes were written by Kafka Streams 4.3.1. */
describe('the store of unmatched records', () => {
  it.each<[JoinSide, string]>([
    ['left', '00000000000493e1016b6579'],
    ['right', '00000000000493e1006b6579'],
  ])('writes a key of the %s side as Kafka Streams does, and reads it', (side, bytes) => {
    const key = { timestampMs: 300_001, side, key: 'key' };

    expect(hex(keys.encode(key, 'topic'))).toBe(bytes);
    expect(keys.decode(Buffer.from(bytes, 'hex'), 'topic')).toEqual(key);
  });

  it('writes the values of one key as the list of Kafka Streams, and reads it', () => {
    const list = { side: 'left' as const, values: ['a', 'a'] };
    const bytes = '0100000002000000020161000000020161';

    expect(hex(lists.encode(list, 'topic'))).toBe(bytes);
    expect(lists.decode(Buffer.from(bytes, 'hex'), 'topic')).toEqual(list);
  });

  it('reads the side of the values', () => {
    const list = { side: 'right' as const, values: ['bc'] };

    expect(hex(lists.encode(list, 'topic'))).toBe('010000000100000003006263');
    expect(lists.decode(lists.encode(list, 'topic') ?? new Uint8Array(), 'topic')).toEqual(list);
  });

  it('becomes a tombstone if a value stands for null', () => {
    expect(lists.encode({ side: 'left', values: ['a', 'nothing'] }, 'topic')).toBeNull();
  });
});
