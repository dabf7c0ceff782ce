import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import { fc } from '@millrace/testing/random';
import { choiceEnd } from './choices.fake.ts';
import { simulate, type SimulatedRecord, type SimulatedTopic } from './simulation.fake.ts';
import { timeless, withRecord } from './simulated-topology.fake.ts';

/** The number of simulated runs. `npm run verify -- streams-simulation` sets more. */
const numRuns = Number(process.env.MILLRACE_TEST_SIMULATIONS ?? 150);

const recordsOf = (keys: readonly string[], values: readonly string[]) =>
  fc.array(
    fc.record({
      key: fc.constantFrom(...keys),
      value: fc.constantFrom(...values),
      timestampMs: fc.nat(30),
    }),
    { maxLength: 16 },
  );

/** Draws a topic in which each key is in one partition, and so in one task. */
const topicOf = (values: readonly string[]): fc.Arbitrary<SimulatedTopic> =>
  fc.tuple(recordsOf(['a0', 'b0'], values), recordsOf(['a1', 'b1'], values));

/** The time for all runs and for shrinking a failure. */
const runMsMax = numRuns * 100;

const happenings = fc.array(fc.nat(choiceEnd - 1), { maxLength: 2_000 });

describe('a simulated application of two processes with exactly_once_v2', () => {
  it(
    'T04 commits the results of a run without faults, whatever happens to processes, group and requests',
    async () => {
      const property = fc.asyncProperty(
        topicOf(['to', 'be', 'or']),
        topicOf(['m', 'n', timeless]),
        topicOf(['x', 'y', timeless]),
        happenings,
        async (lines, left, right, drawn) => {
          const { committed, states, failure, isFinished } = await simulate({ lines, left, right }, drawn);

          expect({ failure, isFinished }).toEqual({ failure: undefined, isFinished: true });
          expect(byKey(committed('remembered'))).toEqual(
            new Map(left.flatMap((from, partition) => [...historiesOf(from, right[partition]!)])),
          );
          expectCounts(committed('counted'), lines.flat());
          for (const { rows, logged } of states) expect(rows).toEqual(logged);
        },
      );
      await fc.assert(property, { numRuns, interruptAfterTimeLimit: runMsMax });
    },
    runMsMax + 10_000,
  );
});

const byKey = (records: readonly FetchedRecord[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(records, ({ key }) => String(key))].map(([key, own]) => [
      key,
      own.map(({ value }) => String(value)),
    ]),
  );

/** Expects each count at most once and in order, and the last one to be that of all lines. */
function expectCounts(counted: readonly FetchedRecord[], lines: readonly SimulatedRecord[]): void {
  const expected = new Map<string, number>();
  for (const { value } of lines) expected.set(value, (expected.get(value) ?? 0) + 1);
  const counts = new Map<string, number>();
  for (const { key, value } of counted) {
    const count = Number(value?.readBigInt64BE());
    expect(count).toBeGreaterThan(counts.get(String(key)) ?? 0);
    counts.set(String(key), count);
  }
  expect(counts).toEqual(expected);
}

/**
 * Returns the results per key of a task that takes the earlier one of both heads, preferring the
 * left one.
 */
function historiesOf(
  left: readonly SimulatedRecord[],
  right: readonly SimulatedRecord[],
): ReadonlyMap<string, readonly string[]> {
  const lefts = timed(left);
  const rights = timed(right);
  const results = new Map<string, string[]>();
  while (lefts.length + rights.length > 0) {
    const isLeft = (lefts[0]?.timestampMs ?? Infinity) <= (rights[0]?.timestampMs ?? Infinity);
    const { key, value, timestampMs } = (isLeft ? lefts : rights).shift()!;
    const histories = results.get(key) ?? [];
    results.set(key, histories.concat(withRecord(histories.at(-1) ?? null, value, timestampMs)));
  }
  return results;
}

/** Gives records without a time the largest time before them, and drops those that have none. */
function timed(from: readonly SimulatedRecord[]): SimulatedRecord[] {
  let last = -1;
  return from.flatMap((record) => {
    const timestampMs = record.value === timeless ? last : record.timestampMs;
    last = Math.max(last, timestampMs);
    return timestampMs < 0 ? [] : [{ ...record, timestampMs }];
  });
}
