import { setTimeout as pause } from 'node:timers/promises';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { KafkaCluster } from '@millrace/testing/kafka';
import type { ClusterView } from './cluster-view.ts';
import { readLog } from './record-load.ts';
import { connectSingleTry } from './single-try-producer.ts';

/** One line of the table in `docs/reports/acks.md`. */
export interface AcksRow {
  readonly fault: string;
  readonly acks: AcksLevel;
  readonly acknowledged: number;
  readonly kept: number;
  readonly lost: number;
}

const levels = ['0', '1', 'all'] as const;
type AcksLevel = (typeof levels)[number];

/**
 * Sends each value in its own request, and resolves when the acknowledgement of the level has
 * arrived.
 */
interface Sender {
  send(value: string): Promise<void>;
  close(): Promise<void>;
}

const topicOf = (name: string, acks: AcksLevel): string => `acks-${acks}-${name}`;

/**
 * With acks=all, this sends as the services do: idempotently and with retries. Otherwise it sends
 * each value once, and a value that was not acknowledged does not count.
 */
function senderFor(acks: AcksLevel, bootstrapServers: readonly string[], topic: string): Sender {
  const producer =
    acks === 'all'
      ? connectProducer({ bootstrapServers, clientId: topic, logger: silentLogger })
      : connectSingleTry(bootstrapServers, topic, acks === '0' ? 0 : 1);
  return {
    send: async (value) => void (await producer.send([{ topic, key: null, value, partition: 0 }])),
    close: () => producer.close(),
  };
}

const paceMs = 5;

/** Sends until it is stopped. `acknowledged` grows as the answers arrive. */
function startSending(sender: Sender, stopping: AbortSignal) {
  const acknowledged: string[] = [];
  const sending = (async () => {
    for (let count = 0; !stopping.aborted; count += 1) {
      await sender.send(String(count)).then(
        () => acknowledged.push(String(count)),
        () => undefined,
      );
      await pause(paceMs);
    }
    await sender.close();
  })();
  return { acknowledged, sending };
}

/** Broker 1 leads each topic; 2 and 3 follow. */
async function createTopics({ bootstrapServers }: KafkaCluster, topics: readonly string[]): Promise<void> {
  const admin = connectAdmin({ clientId: 'acks', bootstrapServers, logger: silentLogger });
  const placed = topics.map((name) => ({ name, assignments: [[1, 2, 3]] }));
  await admin.topics.create(placed).finally(() => admin.close());
}

export interface AcksScenario {
  readonly name: string;
  readonly fault: string;
  /** How long the followers are paused before the leader is killed; 0 means not at all. */
  readonly followersBehindMs: number;
}

export const acksScenarios: readonly AcksScenario[] = [
  { name: 'killed', fault: 'leader killed with kill -9', followersBehindMs: 0 },
  {
    name: 'behind',
    fault: 'leader killed with kill -9 after its followers had been paused for 2 s',
    followersBehindMs: 2_000,
  },
];

const warmUpMs = 2_000;

/**
 * Kills the leader while producers of every level send, then counts the records on the log of the
 * other brokers.
 */
export async function measureAcks(
  cluster: KafkaCluster,
  view: ClusterView,
  scenario: AcksScenario,
): Promise<readonly AcksRow[]> {
  const topics = levels.map((acks) => topicOf(scenario.name, acks));
  await createTopics(cluster, topics);
  await view.whole(topics);
  const stopping = new AbortController();
  const runs = levels.map((acks, index) => {
    const topic = topics[index] ?? '';
    return {
      acks,
      topic,
      ...startSending(senderFor(acks, cluster.bootstrapServers, topic), stopping.signal),
    };
  });
  try {
    await pause(warmUpMs);
    await killLeader(cluster, scenario.followersBehindMs);
    await view.until(
      'another broker to lead',
      topics,
      (partitions) => partitions.every(({ leader }) => leader > 1),
      60_000,
    );
    await pause(warmUpMs);
  } finally {
    stopping.abort();
    await cluster.broker(1).start();
    await Promise.all(runs.map(({ sending }) => sending));
  }
  await view.whole(topics);
  return Promise.all(
    runs.map(({ acks, topic, acknowledged }) =>
      count(cluster, { fault: scenario.fault, acks, topic, acknowledged }),
    ),
  );
}

async function killLeader(cluster: KafkaCluster, followersBehindMs: number): Promise<void> {
  const followers = followersBehindMs > 0 ? [cluster.broker(2), cluster.broker(3)] : [];
  followers.forEach((follower) => follower.freeze());
  await pause(followersBehindMs);
  await cluster.broker(1).kill();
  followers.forEach((follower) => follower.thaw());
}

interface Acknowledged {
  readonly fault: string;
  readonly acks: AcksLevel;
  readonly topic: string;
  readonly acknowledged: readonly string[];
}

async function count(
  { bootstrapServers }: KafkaCluster,
  { fault, acks, topic, acknowledged }: Acknowledged,
): Promise<AcksRow> {
  const stored = new Set((await readLog(bootstrapServers, topic)).map(({ value }) => value));
  const kept = acknowledged.filter((value) => stored.has(value)).length;
  return { fault, acks, acknowledged: acknowledged.length, kept, lost: acknowledged.length - kept };
}
