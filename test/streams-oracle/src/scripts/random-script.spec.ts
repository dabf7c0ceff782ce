import { describe, expect, it } from '@jest/globals';
import { textInput } from './input.ts';
import { randomScript } from './random-script.ts';
import type { RecordStep } from './script.ts';

const inputs = [textInput('a'), textInput('b')];
const records = Array.from({ length: 200 }, (_, seed) => randomScript(seed, inputs))
  .flat()
  .filter((step): step is RecordStep => 'topic' in step);

describe('a random script', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(randomScript(7, inputs)).toEqual(randomScript(7, inputs));
    expect(randomScript(7, inputs)).not.toEqual(randomScript(8, inputs));
  });

  it.each<readonly [string, (record: RecordStep, index: number) => boolean]>([
    ['records of each input', ({ topic }) => topic === 'b'],
    ['records without a key', ({ key }) => key === null],
    ['records without a value', ({ value }) => value === null],
    ['headers', (record) => record.headers.length > 0],
    ['late records', (record, index) => record.timestampMs < (records[index - 1]?.timestampMs ?? 0)],
    ['repeated records', (record, index) => record === records[index - 1]],
  ])('has %s in more than one of a hundred steps', (_what, holds) => {
    expect(records.filter(holds).length).toBeGreaterThan(records.length / 100);
  });

  it('has no negative time, which the log would not take', () => {
    expect(records.filter(({ timestampMs }) => timestampMs < 0)).toEqual([]);
  });
});
