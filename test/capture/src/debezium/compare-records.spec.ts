import { describe, expect, it } from '@jest/globals';
import { compareRecords, type SeenRecord } from './compare-records.ts';

const record = (payload: object, more: Partial<SeenRecord> = {}): SeenRecord => ({
  topic: 'shop.public.account',
  key: '{"payload":{"id":1}}',
  value: JSON.stringify({ schema: { type: 'struct' }, payload }),
  headers: [],
  ...more,
});
const change = (more: object = {}) =>
  record({ after: { id: 1 }, source: { snapshot: 'false', lsn: 7 }, op: 'c', ts_ms: 5, ...more });
const differences = (ours: SeenRecord[], theirs: SeenRecord[]) =>
  compareRecords(ours, theirs).flatMap((topic) => topic.differences);

describe('the comparison of records', () => {
  it('leaves out when a record was made, and of a snapshot where it was taken', () => {
    expect(differences([change()], [change({ ts_ms: 6 })])).toEqual([]);
    const read = (lsn: number) => change({ source: { snapshot: 'first', lsn } });
    expect(differences([read(1)], [read(2)])).toEqual([]);
  });

  it.each([
    ['a value', change({ after: { id: 2 } })],
    ['the position of a change', change({ source: { snapshot: 'false', lsn: 8 } })],
    ['a field that one lacks', change({ before: null })],
    ['a key', { ...change(), key: null }],
    ['a header', { ...change(), headers: [['a', '1']] as const }],
    ['a tombstone', { ...change(), value: null }],
    ['a large integer', change({ after: { id: 1 }, op: 'c', before: 1.5 })],
  ])('finds a difference in %s', (_what, theirs) => {
    expect(differences([change()], [theirs])).toHaveLength(1);
  });

  it('tells integers apart that are equal in JavaScript', () => {
    const of = (id: string) => record({}, { value: `{"payload":{"id":${id}}}` });
    expect(differences([of('9007199254740993')], [of('9007199254740992')])).toEqual([
      'shop.public.account[0].value.payload.id: "9007199254740992" of Debezium, "9007199254740993" here',
    ]);
  });

  it('finds a record that is missing', () => {
    expect(differences([], [change()])).toEqual(['shop.public.account: 1 records of Debezium, 0 here']);
  });
});
