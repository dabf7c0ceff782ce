import { setTimeout as pause } from 'node:timers/promises';
import { createTopics, fetch, produce, WireClient } from '@millrace/streaming-core/protocol';
import { encodeBatch } from '@millrace/streaming-core/records';

/** A well-behaved client that checks whether it is served while others misbehave. */
export interface Canary {
  /**
   * The name and id of its topic. Deleting this topic would rightly disturb the canary, so no test
   * does.
   */
  readonly belongings: readonly string[];
  /**
   * Ends the client. Resolves with how long its requests took, in milliseconds, and what went
   * wrong.
   */
  stop(): Promise<CanaryReport>;
}

export interface CanaryReport {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly failures: readonly string[];
}

const paceMs = 10;

/** Sets every configuration, so that the topic does not inherit defaults that a peer changes. */
const configs = Object.entries({
  'cleanup.policy': 'delete',
  'max.message.bytes': '1048588',
  'message.timestamp.after.max.ms': '3600000',
  'message.timestamp.before.max.ms': '9223372036854775807',
  'min.insync.replicas': '1',
  'retention.bytes': '-1',
  'retention.ms': '604800000',
}).map(([name, value]) => ({ name, value }));

/** Writes a record and reads it back, again and again, on one connection that must never end. */
export async function startCanary(broker: { readonly host: string; readonly port: number }): Promise<Canary> {
  const client = await WireClient.connect(broker);
  const wanted = { name: 'canary', numPartitions: 1, replicationFactor: 1, configs };
  const [topic] = (await client.send(createTopics, 7, { topics: [wanted] })).topics;
  if (topic?.errorCode !== 0)
    throw new Error(`the broker did not create the canary's topic: error ${topic?.errorCode}`);
  const tookMs: number[] = [];
  const failures: string[] = [];
  let stopped = false;
  const timed = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const begunAt = performance.now();
    return work().finally(() => tookMs.push(performance.now() - begunAt));
  };
  const singing = (async () => {
    for (let turn = 0; !stopped; turn += 1) {
      const offset = await timed(() => write(client, `note ${turn}`));
      const read = await timed(() => readAt(client, offset));
      if (!read.includes(`note ${turn}`)) failures.push(`note ${turn} was not read at offset ${offset}`);
      await pause(paceMs);
    }
  })().catch((error: unknown) => void failures.push(String(error)));
  return {
    belongings: [topic.name ?? '', topic.topicId],
    async stop() {
      stopped = true;
      await singing;
      client.close();
      const sorted = tookMs.toSorted((one, other) => one - other);
      const at = (share: number) =>
        Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 10) / 10;
      return { requests: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1), failures };
    },
  };
}

export const canaryInWords = ({ requests, p50Ms, p99Ms, worstMs }: CanaryReport): string =>
  `${requests} requests of the canary: p50 ${p50Ms} ms, p99 ${p99Ms} ms, worst ${worstMs} ms`;

async function write(client: WireClient, value: string): Promise<bigint> {
  const records = encodeBatch([{ value: Buffer.from(value) }], { timestampMs: BigInt(Date.now()) });
  const topicData = [{ name: 'canary', partitionData: [{ index: 0, records }] }];
  const { responses } = await client.send(produce, 9, { acks: -1, timeoutMs: 30_000, topicData });
  const answer = responses[0]?.partitionResponses[0];
  if (answer?.errorCode !== 0)
    throw new Error(`the canary's record is refused with error ${answer?.errorCode}`);
  return answer.baseOffset;
}

async function readAt(client: WireClient, fetchOffset: bigint): Promise<string> {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 10_000 }];
  const { responses } = await client.send(fetch, 12, {
    maxWaitMs: 5_000,
    minBytes: 1,
    topics: [{ topic: 'canary', partitions }],
  });
  return String(responses[0]?.partitions[0]?.records);
}
