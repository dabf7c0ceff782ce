import { describe, expect, it } from '@jest/globals';
import type { MessageRow, ShownMessage } from '../../api/topics.ts';
import { keptMax } from '../../kit/tail-model.ts';
import { foundMore, jsonOf, kcatOf, placeOf, pretty, scannedSentence } from './messages-model.ts';

const row = (offset: number, partition = 0): MessageRow => ({
  partition,
  offset,
  time: new Date(offset * 1_000).toISOString(),
  key: 'a',
  type: null,
  line: '1',
});

describe('a search', () => {
  it('says what it has scanned and found, and what is left', () => {
    const ranges = [
      { partition: 0, from: 0, to: 1_000, end: 1_500 },
      { partition: 1, from: 7, to: 7, end: 7 },
    ];
    const found = foundMore(undefined, { rows: [row(3)], scanned: 990, ranges, next: '0:1000' });

    expect(scannedSentence(found)).toBe(
      'Scanned 990 records (partition 0: 0–999), 1 found. 500 offsets not scanned yet.',
    );
  });

  it('adds up its requests, and keeps the rows in the order of time', () => {
    const first = foundMore(undefined, {
      rows: [row(3)],
      scanned: 4,
      ranges: [
        { partition: 0, from: 0, to: 4, end: 8 },
        { partition: 1, from: 0, to: 2, end: 2 },
      ],
      next: '0:4',
    });
    const both = foundMore(first, {
      rows: [row(5), row(2, 1)],
      scanned: 4,
      ranges: [{ partition: 0, from: 4, to: 8, end: 8 }],
      next: null,
    });

    expect(both.rows.map(({ offset }) => offset)).toEqual([2, 3, 5]);
    expect(scannedSentence(both)).toBe(
      'Scanned 8 records (partition 0: 0–7, partition 1: 0–1), 3 found. Nothing is left to scan.',
    );
  });

  it('keeps a limited number of rows, and counts the others', () => {
    const rows = Array.from({ length: keptMax + 2 }, (_, offset) => row(offset));
    const found = foundMore(undefined, { rows, scanned: rows.length, ranges: [], next: null });

    expect(found.rows).toHaveLength(keptMax);
    expect(found.rows[0]?.offset).toBe(2);
    expect(scannedSentence(found)).toContain(
      '5,002 found. Nothing is left to scan. The page keeps the last 5,000.',
    );
  });

  it.each([
    ['', { kind: 'last', value: '50' }],
    ['-7', { kind: 'last', value: '7' }],
    ['beginning', { kind: 'beginning', value: '' }],
    ['end', { kind: 'end', value: '' }],
    ['120', { kind: 'offset', value: '120' }],
    ['2026-11-22T09:00:00Z', { kind: 'time', value: '2026-11-22T09:00:00Z' }],
  ])('reads the place %j of the address', (from, place) => {
    expect(placeOf(from)).toEqual(place);
  });
});

describe('a message', () => {
  const message: ShownMessage = {
    topic: 'orders',
    row: row(4),
    raw: {
      control: null,
      transaction: 'none',
      baseOffset: 4,
      lastOffset: 4,
      batchBytes: 100,
      leaderEpoch: 0,
      producerId: '-1',
      producerEpoch: -1,
      sequence: -1,
      codec: 'none',
      timestampType: 'CreateTime',
    },
    event: {},
    headers: [{ name: 'trace', value: null }],
    value: '{"amount":12345678901234567890}',
    valueBytes: 31,
    isCut: false,
    brokers: '127.0.0.1:9092',
  };

  it('is copied as a kcat command that reads it alone', () => {
    expect(kcatOf(message)).toBe(
      String.raw`kcat -C -e -b '127.0.0.1:9092' -t 'orders' -p 0 -o 4 -c 1 -f '%T %k %h\n%s\n'`,
    );
  });

  it('is read uncommitted by kcat if its transaction was aborted', () => {
    const aborted = { ...message, raw: { ...message.raw, transaction: 'aborted' as const } };
    expect(kcatOf(aborted)).toContain('-X isolation.level=read_uncommitted');
  });

  it('is copied as JSON with its value as it is on the log', () => {
    expect(jsonOf(message)).toContain('"value": {"amount":12345678901234567890}\n}');
    expect(() => JSON.parse(jsonOf({ ...message, value: 'not "JSON"' })) as unknown).not.toThrow();
    expect(JSON.parse(jsonOf({ ...message, value: null }))).toMatchObject({ key: 'a', value: null });
  });

  it('indents JSON, and leaves values alone that would change by it', () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(pretty('{"amount":12345678901234567890}')).toBe('{"amount":12345678901234567890}');
    expect(pretty('<img onerror=alert(1)>')).toBe('<img onerror=alert(1)>');
  });
});
