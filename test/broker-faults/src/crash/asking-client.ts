import {
  createTopics,
  deleteRecords,
  deleteTopics,
  encodeBatch,
  initProducerId,
  offsetCommit,
  produce,
  type BatchOptions,
  type WireClient,
} from '@millrace/streaming-core/wire';
import type { Asked, BatchAsked, PromiseBook, TopicAsked } from './promise-book.ts';

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
}

/** Asks a broker and writes down what it asked and what came of it. A failure is an outcome like others: nothing here rejects. */
export class AskingClient {
  readonly #client: WireClient;
  readonly #book: PromiseBook;
  readonly #now: () => number;

  constructor(client: WireClient, book: PromiseBook, now: () => number) {
    this.#client = client;
    this.#book = book;
    this.#now = now;
  }

  async createTopic(name: string, partitions: number, configs: Readonly<Record<string, string>> = {}): Promise<TopicAsked> {
    const topic: TopicAsked = { askedAt: this.#now(), name, partitions };
    this.#book.topics.push(topic);
    await this.#answer(topic, async () => {
      const wanted = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
      const request = { topics: [{ name, numPartitions: partitions, replicationFactor: 1, configs: wanted }] };
      const [made] = (await this.#client.send(createTopics, 7, request)).topics;
      topic.topicId = made?.topicId;
      return made?.errorCode;
    });
    return topic;
  }

  async deleteTopic(topic: TopicAsked): Promise<void> {
    topic.deletion = { askedAt: this.#now() };
    await this.#answer(topic.deletion, async () => {
      const { responses } = await this.#client.send(deleteTopics, 5, { topicNames: [topic.name] });
      return responses[0]?.errorCode;
    });
  }

  async produce({ topic, partition, values, session, acks, batch = {} }: BatchToAsk): Promise<BatchAsked> {
    const records = values.map((value) => ({ key: Buffer.from(session), value: Buffer.from(value) }));
    const bytes = encodeBatch(records, { timestampMs: 1_700_000_000_000n, ...batch });
    const idempotent = batch.producerId !== undefined;
    const asked: BatchAsked = { askedAt: this.#now(), topic, partition, values, session, acks, bytes, idempotent };
    this.#book.batches.push(asked);
    await this.#answer(asked, async () => {
      const answer = await sendBatch(this.#client, asked);
      if (answer.errorCode === 0) asked.offset = answer.baseOffset;
      return answer.errorCode;
    });
    return asked;
  }

  async commit(group: string, topic: string, partition: number, offset: bigint): Promise<void> {
    const asked = { askedAt: this.#now(), group, topic, partition, offset };
    this.#book.commits.push(asked);
    await this.#answer(asked, async () => {
      const partitions = [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }];
      const { topics } = await this.#client.send(offsetCommit, 8, { groupId: group, topics: [{ name: topic, partitions }] });
      return topics[0]?.partitions[0]?.errorCode;
    });
  }

  async deleteRecords(topic: TopicAsked, partition: number, offset: bigint): Promise<void> {
    const asked = { askedAt: this.#now(), topic, partition, offset };
    this.#book.deletions.push(asked);
    await this.#answer(asked, async () => {
      const topics = [{ name: topic.name, partitions: [{ partitionIndex: partition, offset }] }];
      const answer = await this.#client.send(deleteRecords, 2, { topics, timeoutMs: 30_000 });
      return answer.topics[0]?.partitions[0]?.errorCode;
    });
  }

  async producerIdentity(): Promise<ProducerIdentity | undefined> {
    const asked: PromiseBook['producerIds'][number] = { askedAt: this.#now() };
    this.#book.producerIds.push(asked);
    let identity: ProducerIdentity | undefined;
    await this.#answer(asked, async () => {
      const { errorCode, producerId, producerEpoch } = await this.#client.send(initProducerId, 4, {
        transactionalId: null,
        transactionTimeoutMs: 60_000,
      });
      if (errorCode === 0) identity = { producerId: producerId ?? -1n, producerEpoch };
      asked.producerId = identity?.producerId;
      return errorCode;
    });
    return identity;
  }

  async #answer(asked: Asked, ask: () => Promise<number | undefined>): Promise<void> {
    try {
      const code = await ask();
      if (code === 0) asked.doneAt = this.#now();
      else asked.failed = `error ${code}`;
    } catch (error) {
      asked.failed = String(error);
    }
  }
}

/** A batch as it stands in the book, once more or for the first time. */
export async function sendBatch(client: WireClient, { topic, partition, acks, bytes }: BatchAsked) {
  const { responses } = await client.send(produce, 11, {
    acks,
    timeoutMs: 30_000,
    topicData: [{ name: topic.name, partitionData: [{ index: partition, records: Buffer.from(bytes) }] }],
  });
  const answer = responses[0]?.partitionResponses[0];
  if (answer === undefined) throw new Error('the answer to Produce names no partition');
  return answer;
}
