import {
  createPartitions,
  createTopics,
  deleteRecords,
  deleteTopics,
  initProducerId,
  offsetCommit,
} from '@millrace/streaming-core/protocol';
import { encodeBatch, type BatchOptions } from '@millrace/streaming-core/records';
import { answerTo, type Asking } from './asking.ts';
import type {
  BatchAsked,
  CommitAsked,
  ProducerIdAsked,
  PutAsked,
  TopicAsked,
  TransactionAsked,
} from './promise-book.ts';
import { sendBatch } from './send-batch.ts';

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface BatchToAsk {
  readonly topic: TopicAsked;
  readonly partition: number;
  readonly values: readonly string[];
  readonly session: string;
  readonly acks: -1 | 1;
  readonly batch?: Partial<BatchOptions>;
  readonly transaction?: TransactionAsked;
}

export interface PutToAsk extends Pick<BatchToAsk, 'topic' | 'partition' | 'batch' | 'transaction'> {
  readonly entries: PutAsked['entries'];
}

export interface OffsetToAsk {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly member?: { readonly memberId: string; readonly generationId: number };
}

export interface TopicToAsk {
  readonly configs?: Readonly<Record<string, string>>;
  readonly compacted?: boolean;
  readonly retentionBytes?: number;
}

/** A timestamp so old that any time-based retention deletes the record at once. */
const timestampMs = 1_700_000_000_000n;

/**
 * Sends requests to a broker and records each request and its outcome. A failure is an outcome like
 * any other, so nothing here rejects.
 */
export class AskingClient {
  readonly asking: Asking;

  constructor(asking: Asking) {
    this.asking = asking;
  }

  async createTopic(
    name: string,
    partitions: number,
    { configs = {}, ...kind }: TopicToAsk = {},
  ): Promise<TopicAsked> {
    const { client, book, now } = this.asking;
    const topic: TopicAsked = { askedAt: now(), name, partitions, ...kind };
    book.topics.push(topic);
    return answerTo(topic, now, async () => {
      const wanted = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
      const request = {
        topics: [{ name, numPartitions: partitions, replicationFactor: 1, configs: wanted }],
      };
      const [made] = (await client.send(createTopics, 7, request)).topics;
      topic.topicId = made?.topicId;
      return made?.errorCode;
    });
  }

  async growTopic(topic: TopicAsked, partitions: number): Promise<void> {
    const { client, now } = this.asking;
    topic.growth = { askedAt: now(), partitions };
    await answerTo(topic.growth, now, async () => {
      const request = {
        topics: [{ name: topic.name, count: partitions, assignments: null }],
        timeoutMs: 30_000,
        validateOnly: false,
      };
      return (await client.send(createPartitions, 3, request)).results[0]?.errorCode;
    });
  }

  async deleteTopic(topic: TopicAsked): Promise<void> {
    const { client, now } = this.asking;
    topic.deletion = { askedAt: now() };
    await answerTo(topic.deletion, now, async () => {
      const { responses } = await client.send(deleteTopics, 5, { topicNames: [topic.name] });
      return responses[0]?.errorCode;
    });
  }

  produce({ values, session, batch = {}, ...place }: BatchToAsk): Promise<BatchAsked> {
    const records = values.map((value) => ({ key: Buffer.from(session), value: Buffer.from(value) }));
    const bytes = encodeBatch(records, { timestampMs, ...batch });
    const idempotent = batch.producerId !== undefined && place.transaction === undefined;
    const asked: BatchAsked = { askedAt: this.asking.now(), ...place, values, session, bytes, idempotent };
    this.asking.book.batches.push(asked);
    return this.#send(asked);
  }

  put({ entries, batch = {}, ...place }: PutToAsk): Promise<PutAsked> {
    const records = entries.map(({ key, value }) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    }));
    const asked = {
      askedAt: this.asking.now(),
      ...place,
      entries,
      acks: -1 as const,
      bytes: encodeBatch(records, { timestampMs, ...batch }),
    };
    this.asking.book.puts.push(asked);
    return this.#send(asked);
  }

  async commit({ group, topic, partition, offset, member }: OffsetToAsk): Promise<void> {
    const { client, book, now } = this.asking;
    const asked: CommitAsked = { askedAt: now(), group, topic, partition, offset };
    book.commits.push(asked);
    await answerTo(asked, now, async () => {
      const partitions = [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }];
      const from =
        member === undefined
          ? {}
          : { memberId: member.memberId, generationIdOrMemberEpoch: member.generationId };
      const { topics } = await client.send(offsetCommit, 8, {
        groupId: group,
        ...from,
        topics: [{ name: topic, partitions }],
      });
      return topics[0]?.partitions[0]?.errorCode;
    });
  }

  async deleteRecords(topic: TopicAsked, partition: number, offset: bigint): Promise<void> {
    const { client, book, now } = this.asking;
    const asked = { askedAt: now(), topic, partition, offset };
    book.deletions.push(asked);
    await answerTo(asked, now, async () => {
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: partition, offset }] }];
      const answer = await client.send(deleteRecords, 2, { topics, timeoutMs: 30_000 });
      return answer.topics[0]?.partitions[0]?.errorCode;
    });
  }

  async producerIdentity(): Promise<ProducerIdentity | undefined> {
    const { client, book, now } = this.asking;
    const asked: ProducerIdAsked = { askedAt: now() };
    book.producerIds.push(asked);
    await answerTo(asked, now, async () => {
      const answer = await client.send(initProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      });
      if (answer.errorCode === 0) {
        asked.producerId = answer.producerId;
        asked.producerEpoch = answer.producerEpoch;
      }
      return answer.errorCode;
    });
    const { producerId, producerEpoch } = asked;
    return producerId === undefined || producerEpoch === undefined
      ? undefined
      : { producerId, producerEpoch };
  }

  #send<Of extends BatchAsked | (PutAsked & { readonly acks: -1; readonly bytes: Buffer })>(
    asked: Of,
  ): Promise<Of> {
    return answerTo(asked, this.asking.now, async () => {
      const answer = await sendBatch(this.asking.client, asked);
      if (answer.errorCode === 0) asked.offset = answer.baseOffset;
      return answer.errorCode;
    });
  }
}
