import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  materialized,
  minutes,
  serdes,
  sessionWindows,
  StreamsBuilder,
  timeWindows,
  untilTimeLimit,
  type StateStore,
  type StreamsApp,
  type Topology,
} from '@millrace/streams';
import { TopologyTestDriver, type TestInputTopic } from '@millrace/streams/test-driver';
import { ProblemError } from '../../web/problems/problem.ts';
import { readStore } from './read-store.ts';

const applicationId = 'visits';

/** Counts visits in stores of each kind. A visit is a page, under the key of its visitor. */
function visits(): Topology {
  const builder = new StreamsBuilder();
  const byVisitor = builder
    .stream('visits', consumed(serdes.string, serdes.string))
    .groupByKey(grouped(serdes.string, serdes.string));
  byVisitor.reduce((_last, page) => page, materialized('pages'));
  byVisitor.windowedBy(timeWindows(minutes(1)).grace(minutes(5))).count(materialized('minutes'));
  byVisitor.windowedBy(sessionWindows(minutes(1))).count(materialized('sessions'));
  byVisitor
    .count(materialized('all'))
    .suppress(untilTimeLimit(minutes(1), { name: 'waiting', recordsMax: 10 }));
  return builder.build();
}

describe('a store that operators read', () => {
  let driver: TopologyTestDriver;
  let input: TestInputTopic<string, string>;
  const topology = visits();
  beforeEach(() => {
    driver = new TopologyTestDriver(topology);
    input = driver.createInputTopic('visits', serdes.string, serdes.string);
  });
  afterEach(() => driver.close());

  const read = (store: string, key?: string, limit = 10) =>
    readStore(
      {
        applicationId,
        topology,
        app: { store: <S extends StateStore>(name: string) => driver.getStateStore<S>(name) } as StreamsApp,
        notRunningMs: () => 0,
        remainingRecords: () => 0,
      },
      { store, key: key === undefined ? undefined : Buffer.from(key), limit },
    );

  it('has the newest window of a key first, and all keys without one', () => {
    input.pipeInput('ada', '/', 0);
    input.pipeInput('ada', '/lamps', 60_000);
    input.pipeInput('bob', '/', 60_000);

    expect(read('minutes', 'ada')?.items.map(({ from }) => from)).toEqual([
      '1970-01-01T00:01:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ]);
    expect(read('minutes')?.items).toHaveLength(3);
    expect(read('minutes', undefined, 2)).toMatchObject({ complete: false });
  });

  it('has the sessions of a key with their ends, and refuses to list those of all keys', () => {
    input.pipeInput('ada', '/', 0);
    input.pipeInput('ada', '/lamps', 30_000);

    expect(read('sessions', 'ada')?.items).toEqual([
      { key: 'ada', from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:30.000Z', value: 2 },
    ]);
    expect(() => read('sessions')).toThrow(ProblemError);
  });

  it('has no answer for a buffer and for a store that does not exist', () => {
    expect(read('waiting')).toBeUndefined();
    expect(read('nowhere')).toBeUndefined();
  });

  it('ends an answer once it is longer than a megabyte', () => {
    for (const visitor of ['ada', 'bob', 'eve']) input.pipeInput(visitor, 'x'.repeat(600_000), 0);

    const found = read('pages');
    expect(found?.items.map(({ key }) => key)).toEqual(['ada', 'bob']);
    expect(found?.complete).toBe(false);
  });
});
