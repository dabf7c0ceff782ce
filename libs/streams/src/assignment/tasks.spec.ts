import { describe, expect, it } from '@jest/globals';
import { serdes } from '../serdes/serdes.ts';
import { tasksOf } from './tasks.ts';

const store = {
  kind: 'key_value',
  name: 'counts',
  keySerde: serdes.bytes,
  valueSerde: serdes.bytes,
  caching: false,
  logConfigs: {},
  inMemory: false,
  timestamped: true,
} as const;

describe('the tasks of an application', () => {
  it('are one per partition of the largest source of a sub-topology', () => {
    const tasks = tasksOf(
      {
        subTopologies: [
          { id: 0, sources: ['a', 'b'], sinks: [], changelogs: [] },
          { id: 2, sources: ['r'], sinks: [], changelogs: [{ topic: 'app-counts-changelog', store }] },
        ],
        repartitions: new Map([['r', undefined]]),
        copartitioned: [],
      },
      new Map([
        ['a', 1],
        ['b', 2],
        ['r', 1],
      ]),
    );

    expect(tasks).toEqual([
      {
        id: { subTopology: 0, partition: 0 },
        name: '0_0',
        sources: [
          { topic: 'a', partition: 0 },
          { topic: 'b', partition: 0 },
        ],
        changelogs: [],
      },
      {
        id: { subTopology: 0, partition: 1 },
        name: '0_1',
        sources: [{ topic: 'b', partition: 1 }],
        changelogs: [],
      },
      {
        id: { subTopology: 2, partition: 0 },
        name: '2_0',
        sources: [{ topic: 'r', partition: 0 }],
        changelogs: [{ topic: 'app-counts-changelog', partition: 0 }],
      },
    ]);
  });
});
