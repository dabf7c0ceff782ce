import { describe, expect, it } from '@jest/globals';
import { firstDifference } from './differences.ts';
import type { Outcome, RecordsByTopic, WrittenRecord } from './outcome.ts';

const record = (key: string, changed: Partial<WrittenRecord> = {}): WrittenRecord => ({
  key,
  value: '01',
  headers: [],
  timestampMs: 5,
  ...changed,
});
const outcome = (records: RecordsByTopic, dropped = 0): Outcome => ({ records, dropped });

describe('the comparison of two runs', () => {
  it('finds nothing between equal runs', () => {
    const run = [outcome({ out: [record('61')] }), outcome({}, 1)];
    expect(firstDifference(run, run)).toBeUndefined();
  });

  it.each<readonly [string, Partial<WrittenRecord>]>([
    ['key', { key: '62' }],
    ['value', { value: null }],
    ['time', { timestampMs: 6 }],
    ['headers', { headers: [['h', null]] }],
  ])('T01 finds another %s, with the step, the topic and both records', (_field, changed) => {
    const java = [outcome({}), outcome({ out: [record('61'), record('61')] })];
    const ours = [outcome({}), outcome({ out: [record('61'), record('61', changed)] })];
    expect(firstDifference(java, ours)).toMatchObject({ step: 1, place: 'out[1]' });
  });

  it('finds records in another order, and records that one side lacks', () => {
    const java = [outcome({ out: [record('61'), record('62')] })];
    expect(firstDifference(java, [outcome({ out: [record('62'), record('61')] })])?.place).toBe('out[0]');
    expect(firstDifference(java, [outcome({ out: [record('61')] })])?.ours).toBe('nothing');
    expect(firstDifference([outcome({})], java)?.javas).toBe('nothing');
  });

  it('takes the keys of a suppress buffer in any order, but not the records of one key', () => {
    const topic = 'app-KTABLE-SUPPRESS-STATE-STORE-0000000004-changelog';
    const java = [outcome({ [topic]: [record('61'), record('62'), record('62', { value: null })] })];
    const otherKeys = [outcome({ [topic]: [record('62'), record('62', { value: null }), record('61')] })];
    const otherValues = [outcome({ [topic]: [record('61'), record('62', { value: null }), record('62')] })];
    expect(firstDifference(java, otherKeys)).toBeUndefined();
    expect(firstDifference(java, otherValues)?.place).toBe(`${topic}[1]`);
  });

  it('T01 finds another count of dropped records, and an error on one side', () => {
    expect(firstDifference([outcome({}, 1)], [outcome({}, 2)])?.place).toBe('dropped records');
    expect(firstDifference([outcome({})], [{ records: {}, error: 'full' }])).toMatchObject({
      place: 'error',
      ours: 'full',
    });
    expect(firstDifference([{ records: {}, error: 'a' }], [{ records: {}, error: 'b' }])).toBeUndefined();
  });

  it('finds that one run is longer', () => {
    expect(firstDifference([outcome({}), outcome({})], [outcome({})])).toMatchObject({
      step: 1,
      ours: 'not played',
    });
  });
});
