import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { ApplicationTopics } from './application-topics.ts';
import { partitionCountsOf } from './partition-counts.ts';

const subTopology = (id: number, sources: readonly string[], sinks: readonly string[] = []) => ({
  id,
  sources,
  sinks,
  changelogs: [],
});

const application = (
  subTopologies: ApplicationTopics['subTopologies'],
  repartitions: Readonly<Record<string, number | undefined>> = {},
  copartitioned: ApplicationTopics['copartitioned'] = [],
): ApplicationTopics => ({
  subTopologies,
  repartitions: new Map(Object.entries(repartitions)),
  copartitioned,
});

const counted = (topics: ApplicationTopics, inputs: Readonly<Record<string, number>>) =>
  Object.fromEntries(partitionCountsOf(topics, new Map(Object.entries(inputs))));

describe('the partition counts of repartition topics', () => {
  it('are those of the largest source upstream', () => {
    const topics = application(
      [subTopology(0, ['a', 'b'], ['r']), subTopology(1, ['c'], ['r']), subTopology(2, ['r'])],
      { r: undefined },
    );

    expect(counted(topics, { a: 2, b: 5, c: 3 })).toMatchObject({ r: 5 });
  });

  it('follow a chain of repartition topics, in any order of the sub-topologies', () => {
    const chain = [
      subTopology(0, ['a'], ['r0']),
      subTopology(1, ['r0'], ['r1']),
      subTopology(2, ['r1'], ['r2']),
    ];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(chain, { minLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        (order, count) => {
          const topics = application(order, { r2: undefined, r1: undefined, r0: undefined });

          expect(counted(topics, { a: count })).toEqual({ a: count, r0: count, r1: count, r2: count });
        },
      ),
    );
  });

  it('are the largest of a loop', () => {
    const topics = application([subTopology(0, ['a', 'r'], ['s']), subTopology(1, ['b', 's'], ['r'])], {
      r: undefined,
      s: undefined,
    });

    expect(counted(topics, { a: 2, b: 7 })).toMatchObject({ r: 7, s: 7 });
  });

  it('are those that the topology states, for the topics downstream as well', () => {
    const topics = application(
      [subTopology(0, ['a'], ['r']), subTopology(1, ['r'], ['s']), subTopology(2, ['s'])],
      { r: 8, s: undefined },
    );

    expect(counted(topics, { a: 2 })).toMatchObject({ r: 8, s: 8 });
  });

  it('are refused if nothing upstream has a count', () => {
    const topics = application([subTopology(0, ['r'], ['r'])], { r: undefined });

    expect(() => counted(topics, {})).toThrow(
      'nothing that writes to the repartition topic r has a number of partitions: state the number in repartition',
    );
  });
});

describe('input topics that do not exist', () => {
  it('are named, each once', () => {
    const topics = application([subTopology(0, ['b', 'a', 'c']), subTopology(1, ['b', 'r'])], { r: 1 });

    expect(() => counted(topics, { c: 1 })).toThrow(
      expect.objectContaining({
        code: 'missing_topics',
        message: 'input topics do not exist: a, b. Create them before the application starts',
      }),
    );
  });
});

describe('joined topics', () => {
  const joined = (repartitions: Readonly<Record<string, number | undefined>>) =>
    application([subTopology(0, ['x'], ['r', 's']), subTopology(1, ['a', 'b', 'r', 's'])], repartitions, [
      ['a', 'b', 'r'],
      ['r', 's'],
    ]);

  it('are refused with unequal counts, and the message names the topics and the remedy', () => {
    const topics = application([subTopology(0, ['orders', 'customers'])], {}, [['customers', 'orders']]);

    expect(() => counted(topics, { orders: 6, customers: 4 })).toThrow(
      expect.objectContaining({
        code: 'not_copartitioned',
        message:
          'joined topics need equal numbers of partitions: orders has 6 partitions, customers has 4 partitions. ' +
          'Call repartition on one of the streams before the join, with the number of partitions of the other',
      }),
    );
  });

  it('give their count to the repartition topics that they are joined with, directly or indirectly', () => {
    expect(counted(joined({ r: undefined, s: undefined }), { x: 9, a: 3, b: 3 })).toMatchObject({
      r: 3,
      s: 3,
    });
  });

  it('are refused if a repartition topic states another count', () => {
    expect(() => counted(joined({ r: 5, s: undefined }), { x: 9, a: 3, b: 3 })).toThrow(
      'r has 5 partitions, a has 3 partitions, b has 3 partitions',
    );
  });

  it('take the stated count if all of them are repartition topics', () => {
    const topics = application(
      [subTopology(0, ['x'], ['r', 's']), subTopology(1, ['r', 's'])],
      { r: 5, s: undefined },
      [['r', 's']],
    );

    expect(counted(topics, { x: 9 })).toMatchObject({ r: 5, s: 5 });
  });

  it('are refused if two repartition topics state different counts', () => {
    const topics = application([subTopology(0, ['r', 's'])], { r: 5, s: 4 }, [['r', 's']]);

    expect(() => counted(topics, {})).toThrow('State the same number of partitions in each repartition');
  });
});
