import { describe, expect, it } from '@jest/globals';
import type { RecordContext } from '../processor/record.ts';
import { serdes } from '../serdes/serdes.ts';
import { MemoryEngine } from './memory-engine.ts';
import { fakeStoreContext, hex } from './store-context.fake.ts';
import type { SuppressBuffer } from './stores.ts';
import { openSuppressBuffer } from './suppress-buffer.ts';
import { encodeSuppressRow, decodeSuppressRow } from './suppress-row.ts';

const MINUTE = 60_000;

describe('a row of a suppress buffer', () => {
  // The changelog of Kafka Streams 4.3.1, from a count with `suppress` of records with a header `h`.
  const recorded = {
    first:
      '000000000000000000000000000000000000000173000000000000000100000001680000000131000000080000000000000000' +
      'fffffffe00000008000000000000000100000000000493e0',
    second:
      '0000000000057e400000000000000003000000017300000000000000010000000168000000013400000008' +
      '000000000000000000000008000000000000000100000008000000000000000200000000000927c0',
    sessionEnds:
      '0000000000000000000000000000000200000001730000000000000000ffffffff00000008' +
      '0000000000000001ffffffff0000000000000000',
  };

  it.each(Object.entries(recorded))('survives decoding and encoding (%s)', (_name, bytes) => {
    const row = decodeSuppressRow(Buffer.from(bytes, 'hex'));

    expect(hex(encodeSuppressRow(row))).toBe(bytes);
  });

  it('has the record, the values and the time that Kafka Streams wrote', () => {
    const row = decodeSuppressRow(Buffer.from(recorded.second, 'hex'));

    expect(row).toEqual({
      bufferTimeMs: 10 * MINUTE,
      context: {
        topic: 's',
        partition: 0,
        offset: 3n,
        timestampMs: 6 * MINUTE,
        headers: [{ name: 'h', value: new Uint8Array(Buffer.from('4')) }],
      },
      priorValue: long(0),
      oldValue: long(1),
      newValue: long(2),
    });
  });

  it('refuses bytes that end too early', () => {
    expect(() => decodeSuppressRow(Buffer.from(recorded.first, 'hex').subarray(0, 60))).toThrow(RangeError);
  });
});

describe('a suppress buffer', () => {
  it('returns updates by buffer time, then by the bytes of the key', () => {
    const { buffer, put } = opened();
    put('b', 5);
    put('c', 3);
    put('a', 5);

    expect(taken(buffer)).toEqual(['c', 'a', 'b']);
  });

  it('keeps the last update of a key in the position of the first', () => {
    const { buffer, put } = opened();
    put('a', 1, { newValue: 1n, oldValue: null });
    put('b', 2, { newValue: 1n, oldValue: null });
    put('a', 3, { newValue: 2n, oldValue: 1n });

    expect(buffer.recordCount).toBe(2);
    expect(buffer.earliestMs).toBe(1);
    buffer.takeEarliest(({ key, change }) => {
      expect(key).toBe('a');
      expect(change).toEqual({ newValue: 2n, oldValue: 1n, isLatest: true });
    });
    expect(buffer.earliestMs).toBe(2);
  });

  it('shows readers the value before the first update, until the last one has been emitted', () => {
    const { buffer, put } = opened();
    put('a', 1, { newValue: 6n, oldValue: 5n });
    put('a', 2, { newValue: 7n, oldValue: 6n });

    expect(buffer.priorValue('a')).toBe(5n);
    expect(buffer.priorValue('b')).toBeUndefined();
    buffer.takeEarliest(() => expect(buffer.priorValue('a')).toBe(5n));
    expect(buffer.priorValue('a')).toBeUndefined();
  });

  it('counts 56 bytes for the row that Kafka Streams 4.3.1 counts as 56', () => {
    const { buffer } = opened();
    const context = { ...at(0), headers: [{ name: 'h', value: Uint8Array.of(49) }] };
    buffer.put(0, 'a'.padEnd(9, ' '), { newValue: 1n, oldValue: 0n, isLatest: true }, context);

    expect(buffer.byteCount).toBe(56);
    buffer.takeEarliest(() => undefined);
    expect(buffer.byteCount).toBe(0);
  });

  it('writes each changed key to the changelog at a flush, with the version and the time of the clock', () => {
    const { buffer, put, opened: store, context } = opened();
    put('a', 1);
    put('b', 2);
    buffer.takeEarliest(() => undefined);
    store.flush();
    store.flush();

    expect(context.records.map(({ key, value }) => [Buffer.from(key).toString(), value !== null])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(context.records.map(({ headers }) => headers)).toEqual([
      [],
      [{ name: 'v', value: Uint8Array.of(3) }],
    ]);
    expect(context.records.map(({ timestampMs }) => timestampMs)).toEqual([WALL_CLOCK, WALL_CLOCK]);
  });

  it('is the same after a restore from its changelog, and after it was opened again', () => {
    const first = opened();
    first.put('a', 7, { newValue: 2n, oldValue: 1n });
    first.put('b', 8);
    first.opened.flush();
    const restored = opened();
    restored.opened.restore(first.context.records);
    restored.opened.restore([{ key: Buffer.from('b'), value: null, timestampMs: 0, headers: [] }]);
    const reopened = opened(first.engine);

    expect(taken(restored.buffer)).toEqual(['a']);
    expect(restored.context.records).toEqual([]);
    expect(taken(reopened.buffer)).toEqual(['a', 'b']);
  });

  it('does not read the formats of Kafka Streams before 2.6', () => {
    const record = { key: Buffer.from('a'), value: Buffer.alloc(8), timestampMs: 0, headers: [] };

    expect(() => opened().opened.restore([record])).toThrow('version 0');
  });
});

const WALL_CLOCK = 1_700_000_000_000;

function opened(engine = new MemoryEngine()) {
  const context = { ...fakeStoreContext(), wallClockMs: () => WALL_CLOCK };
  const store = openSuppressBuffer(
    {
      kind: 'suppress_buffer',
      hasOwnLimits: false,
      name: 'buffer',
      keySerde: serdes.string,
      valueSerde: serdes.long,
      logConfigs: {},
    },
    engine,
    context,
  );
  const buffer = store.store as SuppressBuffer<string, bigint>;
  const put = (
    key: string,
    bufferTimeMs: number,
    { newValue, oldValue }: { newValue: bigint | null; oldValue: bigint | null } = {
      newValue: 1n,
      oldValue: null,
    },
  ) => buffer.put(bufferTimeMs, key, { newValue, oldValue, isLatest: true }, at(bufferTimeMs));
  return { opened: store, buffer, put, context, engine };
}

function taken(buffer: SuppressBuffer<string, bigint>): string[] {
  const keys: string[] = [];
  while (buffer.recordCount > 0) buffer.takeEarliest(({ key }) => keys.push(key));
  return keys;
}

const at = (timestampMs: number): RecordContext => ({
  topic: 's',
  partition: 0,
  offset: 0n,
  timestampMs,
  headers: [],
});

const long = (value: number): Uint8Array => new Uint8Array(Buffer.from([0, 0, 0, 0, 0, 0, 0, value]));
