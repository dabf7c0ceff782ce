import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaBroker, KafkaCluster } from '@millrace/testing/kafka';
import type { ClientError } from '@millrace/streaming-core/client';
import type { RecordViolation, SentRecord } from './check-records.ts';
import type { ClusterView } from './cluster-view.ts';
import type { CuttableNetwork } from './cuttable-network.ts';
import type { RecordLoad } from './record-load.ts';
import { connectSingleTry } from './single-try-producer.ts';

/** Errors of the protocol after which nothing was written. */
const refusals: ReadonlySet<string> = new Set([
  'NOT_ENOUGH_REPLICAS',
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
]);

interface Attempted {
  readonly record: SentRecord;
  /** The broker's reason for the refusal, if it gave one. */
  readonly error?: string;
}

/** Sends one record with acks=all and without retries. */
async function writeOnce(
  bootstrapServers: readonly string[],
  topic: string,
  partition: number,
  value: string,
): Promise<Attempted> {
  const producer = connectSingleTry(bootstrapServers, 'once', 'all');
  const record = { value, session: value, partition };
  try {
    const [written] = await producer.send([{ topic, key: null, value, partition }]);
    return { record: { ...record, outcome: 'acknowledged', offset: written?.offset ?? -1n } };
  } catch (error) {
    const { errorName = '', message } = error as ClientError;
    return {
      record: { ...record, outcome: refusals.has(errorName) ? 'refused' : 'unknown' },
      error: errorName || message,
    };
  } finally {
    await producer.close();
  }
}

/** The parts of the run that a fault may use and watch. */
export interface FaultContext {
  readonly cluster: KafkaCluster;
  readonly network: CuttableNetwork;
  readonly view: ClusterView;
  readonly load: RecordLoad;
  /** The topic of the record load. */
  readonly topic: string;
  /** The topics whose replicas must all be in sync again at the end. */
  readonly topics: readonly string[];
  /** Lets customers place more orders, which must work whatever happens to the log. */
  readonly buyMore: (count: number) => Promise<void>;
  readonly note: (record: SentRecord) => void;
  readonly report: (violation: RecordViolation) => void;
}

interface Fault {
  readonly title: string;
  /**
   * Resolves when the system works despite the fault, or when writes were refused and work again.
   */
  readonly inflict: (context: FaultContext) => Promise<void>;
}

const recordsMore = 50;
const ordersMore = 3;
const refusedMs = 3_000;
const pausedMs = 4_000;
const probeEveryMs = 200;

async function goesOn({ load, buyMore }: FaultContext): Promise<void> {
  await Promise.all([load.moreAcknowledged(recordsMore), buyMore(ordersMore)]);
}

async function leaderOf({ cluster, view, topic }: FaultContext): Promise<KafkaBroker> {
  return cluster.broker(await view.leader(topic, 0));
}

function anotherLeads({ view, topics }: FaultContext, { nodeId }: KafkaBroker): Promise<void> {
  return view.until(`another broker than ${nodeId} to lead`, topics, (partitions) =>
    partitions.every(({ leader }) => leader >= 0 && leader !== nodeId),
  );
}

async function killAndReplace(context: FaultContext, broker: KafkaBroker): Promise<void> {
  await broker.kill();
  await anotherLeads(context, broker);
  await goesOn(context);
  await broker.start();
  await context.view.whole(context.topics);
}

/**
 * Checks that the broker itself refuses writes with acks=all, that it acknowledges nothing
 * meanwhile, and that orders are still accepted.
 */
async function refusesWrites(context: FaultContext): Promise<void> {
  const { cluster, load, topic, note, report } = context;
  const limit = performance.now() + 90_000;
  for (let attempt = 0; ; attempt += 1) {
    const { record, error } = await writeOnce(
      cluster.bootstrapServers,
      topic,
      0,
      `probe-${performance.now()}-${attempt}`,
    );
    note(record);
    if (error === 'NOT_ENOUGH_REPLICAS') break;
    await pause(probeEveryMs);
    if (performance.now() > limit)
      throw new Error(`writes are not refused; the last one was ${error ?? 'acknowledged'}`);
  }
  const before = load.acknowledged();
  await Promise.all([pause(refusedMs), context.buyMore(ordersMore)]);
  const meanwhile = load.acknowledged() - before;
  if (meanwhile > 0)
    report({
      kind: 'acknowledged_without_quorum',
      subject: topic,
      detail: `${meanwhile} records were acknowledged while too few replicas were in sync`,
    });
}

export const faults = {
  'leader-killed': {
    title: 'the leader killed with kill -9',
    inflict: async (context) => killAndReplace(context, await leaderOf(context)),
  },
  'each-killed': {
    title: 'each broker in turn killed with kill -9',
    async inflict(context) {
      for (const broker of context.cluster.brokers) await killAndReplace(context, broker);
    },
  },
  'two-killed': {
    title: 'two brokers at once killed with kill -9',
    async inflict(context) {
      const leader = await leaderOf(context);
      const [other, survivor] = context.cluster.brokers.filter((broker) => broker !== leader);
      if (other === undefined || survivor === undefined)
        throw new Error('this fault kills two of three brokers: start three');
      await Promise.all([leader.kill(), other.kill()]);
      await refusesWrites(context);
      await other.start();
      await goesOn(context);
      await leader.start();
      await context.view.whole(context.topics);
    },
  },
  'leader-paused': {
    title: 'the leader paused for longer than its session',
    async inflict(context) {
      const leader = await leaderOf(context);
      leader.freeze();
      await anotherLeads(context, leader);
      await pause(pausedMs); // its session ends, so it wakes up after another broker has become leader
      await goesOn(context);
      leader.thaw();
      await goesOn(context);
      await context.view.whole(context.topics);
    },
  },
  'leader-cut-off': {
    title: 'the leader cut off from everything',
    async inflict(context) {
      const leader = await leaderOf(context);
      context.network.cutOff(leader.nodeId);
      await anotherLeads(context, leader);
      await goesOn(context);
      context.network.heal();
      await goesOn(context);
      await context.view.whole(context.topics);
    },
  },
  'brokers-apart': {
    title: 'the brokers cut off from each other',
    async inflict(context) {
      context.network.cutBetween();
      await refusesWrites(context);
      context.network.heal();
      await goesOn(context);
      await context.view.whole(context.topics);
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];
