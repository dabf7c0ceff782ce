import { randomUUID } from 'node:crypto';
import { until } from '@millrace/testing/within';
import type { TopicDeclaration } from '../contract/index.ts';
import { silentLogger } from '../runtime/index.ts';
import type { Admin } from './admin/admin.ts';
import { connectGroupConsumer, type GroupConsumerOptions } from './consumer/group-consumer.ts';
import type { ConnectionSecurity } from './connection/security.ts';
import type { ConsumedRecord, FetchedPartition } from './fetched-records.ts';
import type { Assignment, GroupConsumer } from './group-consumer-types.ts';
import type { TopicPartition } from './topic-partition.ts';

export interface EngineControl {
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Suspends the process. Its sockets stay open, but requests get no answer. */
  freeze(): void;
  thaw(): void;
}

/**
 * A broker to test against. It has `control` if the suite may kill it with SIGKILL and start it
 * again on the same data.
 */
export interface Engine {
  readonly bootstrapServers: readonly string[];
  readonly security?: ConnectionSecurity;
  readonly control?: EngineControl;
}

/** Returns what a client needs to connect to the engine. */
export const reach = ({
  bootstrapServers,
  security,
}: Engine): Pick<Engine, 'bootstrapServers' | 'security'> => ({
  bootstrapServers,
  security,
});

export function controlOf({ control }: Engine): EngineControl {
  if (control === undefined) throw new Error('this engine cannot be killed');
  return control;
}

export const uniqueName = (stem: string): string => `${stem}-${randomUUID().slice(0, 8)}`;

export const declare = (name: string, partitions: number): TopicDeclaration => ({
  name,
  key: 'id',
  partitions,
  retention: 'unlimited',
  cleanup: 'delete',
});

/**
 * Creates a topic with a unique name and returns the name. Apache Kafka fences a broker that was frozen or has just
 * started, and refuses new topics until its next heartbeat.
 */
export async function newTopic(admin: Admin, partitions: number): Promise<string> {
  const topic = uniqueName('orders');
  const create = () =>
    admin.createTopics([declare(topic, partitions)]).then(
      () => true,
      (error: Error) => {
        if (/brokers are currently fenced/.test(error.message)) return false;
        throw error;
      },
    );
  await until(create, Boolean);
  return topic;
}

export const delay = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Short timeouts for a group, so that a test does not wait long for a rebalance. */
export const quickGroup = {
  sessionTimeoutMs: 6_000,
  rebalanceTimeoutMs: 6_000,
  heartbeatIntervalMs: 200,
  fetchMaxWaitMs: 250,
} as const;

/** A member that records the calls of its listener. */
export class TestMember {
  readonly consumer: GroupConsumer;
  readonly history: string[] = [];
  assignment: Assignment | undefined;
  onRevoked: () => Promise<void> = () => Promise.resolve();
  onAssigned: () => Promise<void> = () => Promise.resolve();
  stoppedBy: Error | undefined;

  readonly groupId: string;
  readonly topics: readonly string[];

  constructor(
    engine: Engine,
    groupId: string,
    topics: readonly string[],
    options: Partial<GroupConsumerOptions> = {},
  ) {
    this.groupId = groupId;
    this.topics = topics;
    this.consumer = connectGroupConsumer({
      ...reach(engine),
      clientId: groupId,
      groupId,
      topics,
      logger: silentLogger,
      ...quickGroup,
      ...options,
    });
  }

  start(): Promise<void> {
    return this.consumer.start({
      onRevoked: async () => {
        this.history.push('revoking');
        this.assignment = undefined;
        await this.onRevoked();
        this.history.push('revoked');
      },
      onAssigned: async (assignment) => {
        await this.onAssigned();
        this.assignment = assignment;
        this.history.push('assigned');
      },
      onStopped: (error) => (this.stoppedBy = error),
    });
  }

  get owned(): string[] {
    return this.assignment?.partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort() ?? [];
  }

  close(): Promise<void> {
    return this.consumer.close();
  }
}

/** Resolves once the members own exactly these numbers of partitions, in any order. */
export function sharesSettle(
  members: readonly TestMember[],
  expected: readonly number[],
  limitMs?: number,
): Promise<number[]> {
  const descending = (left: number, right: number) => right - left;
  const shares = () =>
    members.map((member) => (member.assignment ? member.owned.length : -1)).sort(descending);
  return until(
    shares,
    (seen) => JSON.stringify(seen) === JSON.stringify([...expected].sort(descending)),
    limitMs,
  );
}

/**
 * Reads from the given positions until `count` records have arrived or the limit passes. Retries a
 * failed fetch, but throws the error of a partition.
 */
export async function readRecords(
  consumer: GroupConsumer,
  from: ReadonlyArray<TopicPartition & { readonly offset: bigint }>,
  count: number,
  limitMs = 20_000,
): Promise<ConsumedRecord[]> {
  const deadline = performance.now() + limitMs;
  const records: ConsumedRecord[] = [];
  let positions = from;
  while (records.length < count && performance.now() < deadline) {
    const fetched: readonly FetchedPartition[] = await consumer.fetch(positions).catch(() => []);
    if (fetched.length === 0) continue;
    for (const { error } of fetched) if (error) throw error;
    records.push(...fetched.flatMap((one) => one.records));
    positions = fetched.map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: nextOffset }));
  }
  return records;
}

/**
 * Returns the values from the start of a partition to its present end. A `read_committed` consumer
 * reads up to the first open transaction.
 */
export async function readToEnd(
  consumer: GroupConsumer,
  topic: string,
  partition = 0,
): Promise<readonly (string | undefined)[]> {
  const [end] = await consumer.endOffsets([{ topic, partition }]);
  const values: (string | undefined)[] = [];
  for (let offset = 0n; offset < (end?.offset ?? 0n);) {
    const [answer] = await consumer.fetch([{ topic, partition, offset }]);
    if (answer?.error) throw answer.error;
    values.push(...(answer?.records.map(textOf) ?? []));
    offset = answer?.nextOffset ?? offset;
  }
  return values;
}

/**
 * Returns the values that `committed` reads from partition 0, once no transaction is open there. It
 * has to wait, because a commit is acknowledged before its markers are written.
 */
export async function readSettled(
  committed: GroupConsumer,
  all: GroupConsumer,
  topic: string,
): Promise<readonly (string | undefined)[]> {
  const ends = () =>
    Promise.all([committed, all].map((consumer) => consumer.endOffsets([{ topic, partition: 0 }])));
  await until(ends, ([stable, end]) => stable?.[0]?.offset === end?.[0]?.offset);
  return readToEnd(committed, topic);
}

export const fromStart = (topic: string, partitions: number) =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0n }));

export const textOf = (record: ConsumedRecord | undefined): string | undefined =>
  record?.value?.toString('utf8');
