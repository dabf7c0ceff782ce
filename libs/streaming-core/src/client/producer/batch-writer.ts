import type { CompressionCodec } from '../../records/record-batch.ts';
import { produce, type produceResponse } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { encodeBatch, stampBatch } from './batch-encoding.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import { passes } from '../connection/retries.ts';
import { ClientError, toClientError } from '../client-error.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import { acksCodes, topicDataOf, uncertainAnswers } from './produce-request.ts';
import { missingReason } from './missing-partition.ts';
import type { ProducerSequences } from './producer-sequences.ts';
import type { PlacedRecord } from './record-placement.ts';
import type { TopicLookup } from '../connection/topic-lookup.ts';
import { byPartition, UnwrittenBatch, type WriteResult } from './unwritten-batch.ts';
import { brokerError } from '../connection/accept.ts';

export interface WritingSettings extends ConnectionSettings {
  readonly transactionalId: string;
  readonly compression: CompressionCodec;
  readonly unknownTopicTimeoutMs: DurationMs;
}

export interface Writing {
  readonly sequences: ProducerSequences;
  /** When to give up unacknowledged batches, on the monotonic clock. */
  readonly deadline: number;
  /** The newest version of Produce to use. */
  readonly versionMax?: number;
}

/**
 * Writes the batches of transactions to the leaders of their partitions, with one request to each
 * leader at a time. It repeats a batch with the same bytes until it is acknowledged or the deadline passes, so the
 * broker recognizes a batch that it already has. A batch that fails permanently settles alone, and
 * the other batches of its request continue.
 */
export class BatchWriter {
  readonly #settings: WritingSettings;
  readonly #brokers: BrokerClient;

  constructor(settings: WritingSettings, brokers: BrokerClient) {
    this.#settings = settings;
    this.#brokers = brokers;
  }

  /** Resolves to one result per record, in their order. Never rejects. */
  async write(records: readonly PlacedRecord[], writing: Writing): Promise<readonly WriteResult[]> {
    const batches = new Map<string, UnwrittenBatch>();
    for (const [name, ofPartition] of byPartition(records))
      batches.set(name, await this.#encode(ofPartition, writing));
    const waiting = () => [...batches.values()].filter((batch) => batch.waits);
    try {
      await this.#brokers.persistently('sending records', writing.deadline, (round) =>
        this.#round(waiting(), round, writing),
      );
    } catch (cause) {
      for (const batch of waiting()) batch.settle(givenUp(batch, toClientError(cause, 'sending records')));
    }
    const results = new Map([...batches].map(([name, batch]) => [name, batch.results()]));
    return records.map(({ topic, partition }) => results.get(`${topic}/${partition}`)!.next().value!);
  }

  async #encode(records: readonly PlacedRecord[], { sequences }: Writing): Promise<UnwrittenBatch> {
    const at = records[0]!;
    const { compression } = this.#settings;
    const bytes = await encodeBatch(records, { transactional: true, compression });
    stampBatch(bytes, sequences.next(at));
    return new UnwrittenBatch(at, bytes, records.length);
  }

  /**
   * Sends every given batch once. Rejects with the error that has to pass before the next round.
   */
  async #round(batches: readonly UnwrittenBatch[], round: number, writing: Writing): Promise<void> {
    const topics = [...new Set(batches.map(({ topic }) => topic))];
    const lookup = await this.#brokers.lookUpTopics(topics, round > 0);
    const sent = [...byLeader(batches, lookup)].map(([leader, group]) =>
      leader === undefined ? this.#miss(group, lookup) : this.#produce(leader, group, lookup, writing),
    );
    const answers = await Promise.allSettled(sent);
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /**
   * Handles batches whose partition has no leader or is missing in metadata. A new topic appears
   * there with a delay, and a recreated topic may have fewer partitions.
   */
  async #miss(batches: readonly UnwrittenBatch[], { found }: TopicLookup): Promise<void> {
    const { clock, unknownTopicTimeoutMs } = this.#settings;
    let waits: ClientError | undefined;
    for (const batch of batches) {
      const topic = found.get(batch.topic);
      const missing = topic?.partitions[batch.partition] === undefined;
      if (!missing) batch.missingSince = undefined;
      else batch.missingSince ??= clock.monotonic();
      const reason = missingReason(batch, topic?.partitions.length);
      const madeAnew = topic !== undefined && batch.topicId !== undefined && batch.topicId !== topic.id;
      const waitedMs = clock.monotonic() - (batch.missingSince ?? clock.monotonic());
      if (missing && (madeAnew || waitedMs >= unknownTopicTimeoutMs)) batch.settle(reason);
      else
        waits = reason.code === 'topic_recreated' ? new ClientError('unreachable', reason.message) : reason;
    }
    if (waits) throw waits;
  }

  /**
   * Does not send a batch that was given up while the client connected to its leader. The next
   * batch has the same sequence number, so the broker would take it for a duplicate.
   */
  async #produce(
    leader: number,
    group: readonly UnwrittenBatch[],
    lookup: TopicLookup,
    writing: Writing,
  ): Promise<void> {
    const { transactionalId, requestTimeoutMs } = this.#settings;
    const place = lookup.brokers.get(leader);
    if (!place) throw new ClientError('unreachable', `broker ${leader} is not in the cluster now`);
    const connection = await this.#brokers.connectionTo(place);
    const version = connection.versions.newest(produce, writing.versionMax);
    const batches = group.filter((batch) => batch.waits);
    if (batches.length === 0) return;
    const before = batches.map(({ uncertain }) => uncertain);
    const topicData = topicDataOf(batches, (topic) => lookup.found.get(topic)!.id, version);
    for (const batch of batches) {
      batch.topicId ??= lookup.found.get(batch.topic)?.id;
      batch.uncertain = true;
    }
    const body = { transactionalId, acks: acksCodes.all, timeoutMs: requestTimeoutMs, topicData };
    const answer = await connection.request(produce, version, body).catch((error: unknown) => {
      if (passes(error)) throw error;
      for (const batch of batches) batch.settle(toClientError(error, 'sending records'));
      return undefined;
    });
    if (answer) this.#take(answer, { batches, before, lookup, writing });
  }

  #take(
    { responses }: Infer<typeof produceResponse>,
    {
      batches,
      before,
      lookup,
      writing,
    }: {
      batches: readonly UnwrittenBatch[];
      before: readonly boolean[];
      lookup: TopicLookup;
      writing: Writing;
    },
  ): void {
    const names = new Map([...lookup.found].map(([name, { id }]) => [id, name]));
    let waits: unknown;
    for (const { name, topicId, partitionResponses } of responses)
      for (const { index, errorCode, errorMessage, baseOffset } of partitionResponses) {
        const topic = name || names.get(topicId);
        const at = batches.findIndex((batch) => batch.topic === topic && batch.partition === index);
        const batch = batches[at];
        if (!batch) continue;
        batch.uncertain = before[at]! || uncertainAnswers.has(errorCode);
        if (errorCode === errorCodes.NONE || errorCode === errorCodes.DUPLICATE_SEQUENCE_NUMBER)
          this.#written(batch, baseOffset, writing);
        else waits = this.#refused(batch, brokerError(errorCode, errorMessage)) ?? waits;
      }
    const unmentioned = batches.find((batch) => batch.waits && waits === undefined);
    if (unmentioned)
      throw new ClientError(
        'broker_error',
        `the broker's answer leaves out ${unmentioned.topic}/${unmentioned.partition}`,
      );
    if (waits !== undefined) throw waits;
  }

  #written(batch: UnwrittenBatch, baseOffset: bigint, { sequences }: Writing): void {
    if (!batch.waits) return;
    batch.uncertain = false;
    sequences.written(batch, batch.count);
    batch.settle(baseOffset);
  }

  /** Returns the error that has to pass before a retry, or undefined if the batch has settled. */
  #refused(batch: UnwrittenBatch, reason: Error): unknown {
    if (passes(reason)) return reason;
    batch.settle(toClientError(reason, `writing to ${batch.topic}/${batch.partition}`));
    return undefined;
  }
}

function givenUp({ uncertain, topic, partition, count }: UnwrittenBatch, reason: ClientError): ClientError {
  const fate = uncertain ? 'may or may not be on the log' : 'are not on the log';
  return new ClientError(
    reason.code,
    `${reason.message}: ${count} records for ${topic}/${partition} ${fate}`,
    { cause: reason },
  );
}

/** Groups batches by their leader. The key is undefined for batches without one. */
function byLeader(
  batches: readonly UnwrittenBatch[],
  { found }: TopicLookup,
): ReadonlyMap<number | undefined, UnwrittenBatch[]> {
  const requests = new Map<number | undefined, UnwrittenBatch[]>();
  for (const batch of batches) {
    const leader = found.get(batch.topic)?.partitions[batch.partition]?.leader ?? -1;
    const key = leader < 0 ? undefined : leader;
    requests.set(key, [...(requests.get(key) ?? []), batch]);
  }
  return requests;
}
