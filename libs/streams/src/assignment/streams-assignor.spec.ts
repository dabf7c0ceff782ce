import { describe, expect, it } from '@jest/globals';
import type { Assignor, GroupMember, TopicPartition } from '@millrace/streaming-core/client';
import { serdes } from '../serdes/serdes.ts';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { AssignmentError } from './assignment-error.ts';
import type { StreamsMember } from './user-data.ts';
import { streamsAssignor, type StreamsAssignment } from './streams-assignor.ts';
import type { TaskCopy } from './task-copies.ts';

const store = {
  kind: 'key_value',
  name: 'counts',
  keySerde: serdes.string,
  valueSerde: serdes.string,
  caching: false,
  logConfigs: {},
  inMemory: false,
  timestamped: true,
} as const;
const topics: ApplicationTopics = {
  subTopologies: [
    { id: 0, sources: ['words'], sinks: ['app-counts-repartition'], changelogs: [] },
    {
      id: 1,
      sources: ['app-counts-repartition'],
      sinks: [],
      changelogs: [{ topic: 'app-counts-changelog', store }],
    },
  ],
  repartitions: new Map([['app-counts-repartition', undefined]]),
  copartitioned: [],
};
const rules = { standbyReplicas: 0, warmupsMax: 2, acceptableLagRecords: 10_000 };
const running: TaskCopy = { role: 'active', lagRecords: 0 };

/** A process of the application, with the calls that its assignor has made. */
class Process {
  readonly prepared: PartitionCounts[] = [];
  readonly asked: TopicPartition[] = [];
  readonly refused: AssignmentError[] = [];
  readonly assignor: Assignor;
  assignment: StreamsAssignment | undefined;
  changelogRecords = 1_000_000n;
  failure: Error | undefined;

  constructor(member: Partial<StreamsMember>, of: ApplicationTopics = topics) {
    this.assignor = streamsAssignor(of, rules, {
      member: () => ({ processId: 'one', startedAtMs: 0, copies: new Map(), ...member }),
      prepare: async (counts) => {
        if (this.failure !== undefined) throw this.failure;
        this.prepared.push(counts);
      },
      endOffsets: async (partitions) => {
        this.asked.push(...partitions);
        return partitions.map((at) => ({ ...at, offset: this.changelogRecords }));
      },
      onAssigned: (assignment) => (this.assignment = assignment),
      onRefused: (error) => this.refused.push(error),
    });
  }

  get active(): readonly string[] | undefined {
    return this.assignment?.active.map(({ name }) => name);
  }
}

const inputs = { words: 2 };

/** One rebalance of a group whose first member leads. Returns the partitions of each member. */
async function rebalance(
  processes: readonly Process[],
  {
    counts = inputs,
    others = [],
  }: { counts?: Readonly<Record<string, number>>; others?: GroupMember[] } = {},
): Promise<readonly (readonly TopicPartition[])[]> {
  const members = processes.map(({ assignor }, index): GroupMember => ({
    memberId: `member-${index}`,
    topics: Object.keys(counts),
    userData: assignor.userData?.({ topics: [], generationId: -1 }),
  }));
  const assigned = await processes[0]?.assignor.assign(
    [...members, ...others],
    new Map(Object.entries(counts)),
  );
  return processes.map(({ assignor }, index) => {
    const assignment = assigned?.get(`member-${index}`) ?? { partitions: [] };
    assignor.onAssignment?.({ ...assignment, generationId: 1 });
    return assignment.partitions;
  });
}

describe('the assignor of stream applications', () => {
  it('gives a process its tasks, and the partitions that they read', async () => {
    const process = new Process({ processId: 'one' });

    const [partitions] = await rebalance([process]);

    expect(partitions).toEqual([
      { topic: 'words', partition: 0 },
      { topic: 'words', partition: 1 },
      { topic: 'app-counts-repartition', partition: 0 },
      { topic: 'app-counts-repartition', partition: 1 },
    ]);
    expect(process.active).toEqual(['0_0', '0_1', '1_0', '1_1']);
    expect(process.assignment?.active[2]).toEqual({
      id: { subTopology: 1, partition: 0 },
      name: '1_0',
      sources: [{ topic: 'app-counts-repartition', partition: 0 }],
      changelogs: [{ topic: 'app-counts-changelog', partition: 0 }],
    });
  });

  it('has the leader prepare the internal topics for the counts of the input topics', async () => {
    const leader = new Process({ processId: 'one' });
    const other = new Process({ processId: 'two' });

    await rebalance([leader, other]);

    expect(leader.prepared).toEqual([
      new Map([
        ['words', 2],
        ['app-counts-repartition', 2],
      ]),
    ]);
    expect(other.prepared).toEqual([]);
  });

  it('lets only the leader ask for another rebalance while tasks wait to move', async () => {
    const copies = new Map([
      ['1_0', running],
      ['1_1', running],
    ]);
    const old = new Process({ processId: 'one', copies });
    const young = new Process({ processId: 'two' });

    await rebalance([young, old]);

    expect(young.assignment?.standby.map(({ name }) => name)).toEqual(['1_1']);
    expect(young.assignment?.probe).toBe(true);
    expect(old.assignment?.probe).toBe(false);
  });

  it('moves tasks with short changelogs at once, and asks for their ends only if there are other processes', async () => {
    const old = new Process({
      processId: 'one',
      copies: new Map([
        ['1_0', running],
        ['1_1', running],
      ]),
    });
    const young = new Process({ processId: 'two' });
    old.changelogRecords = 10_000n;
    await rebalance([old]);
    expect(old.asked).toEqual([]);

    await rebalance([old, young]);

    expect(young.active).toEqual(['0_1', '1_1']);
    expect(old.assignment?.probe).toBe(false);
  });

  it('gives all tasks of a process to its latest member, after a crash', async () => {
    const crashed = new Process({ processId: 'one', startedAtMs: 1 });
    const restarted = new Process({ processId: 'one', startedAtMs: 2 });

    const [ofCrashed] = await rebalance([crashed, restarted]);

    expect(ofCrashed).toEqual([]);
    expect(crashed.active).toEqual([]);
    expect(restarted.active).toEqual(['0_0', '0_1', '1_0', '1_1']);
  });

  it('tells all members which input topics are missing', async () => {
    const one = new Process({ processId: 'one' });
    const two = new Process({ processId: 'two' });

    const partitions = await rebalance([one, two], { counts: {} });

    expect(partitions).toEqual([[], []]);
    expect(one.refused).toEqual([expect.objectContaining({ code: 'missing_topics' })]);
    expect(two.refused[0]?.message).toBe(one.refused[0]?.message);
  });

  it('tells all members that an internal topic does not fit', async () => {
    const one = new Process({ processId: 'one' });
    one.failure = new AssignmentError('topic_mismatch', 'topic has 3 partitions');

    await rebalance([one]);

    expect(one.refused).toEqual([one.failure]);
  });

  it('rejects if the leader cannot reach the cluster, so that the group retries', async () => {
    const one = new Process({ processId: 'one' });
    one.failure = new Error('unreachable');

    await expect(rebalance([one])).rejects.toBe(one.failure);
  });

  it('gives no tasks to a member whose data it cannot read, and gives tasks to the others', async () => {
    const one = new Process({ processId: 'one' });
    const later = { memberId: 'later', topics: ['words'], userData: Buffer.from('{"version":2}') };

    await rebalance([one], { others: [later] });

    expect(one.active).toEqual(['0_0', '0_1', '1_0', '1_1']);
  });

  it('refuses the assignment of a leader with another version or another topology', async () => {
    const one = new Process({ processId: 'one' });
    one.assignor.onAssignment?.({ partitions: [], userData: Buffer.from('{"version":1}'), generationId: 1 });
    const smaller = new Process(
      { processId: 'two' },
      { ...topics, subTopologies: topics.subTopologies.slice(0, 1) },
    );

    await rebalance([one, smaller]);

    expect(one.refused).toEqual([expect.objectContaining({ code: 'unreadable_member' })]);
    expect(smaller.refused).toEqual([expect.objectContaining({ code: 'topology_differs' })]);
  });
});
