import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '@millrace/streaming-core/protocol';
import type { AskingClient, BatchToAsk, OffsetToAsk, ProducerIdentity, PutToAsk } from './asking-client.ts';
import { answerTo } from './asking.ts';
import type { Asked, ProducerIdAsked, TopicAsked, TransactionAsked, TransactionEnd } from './promise-book.ts';
import { whenReady } from './send-batch.ts';
import { isSettled } from './transaction-states.ts';

/** A day, so that a transaction that a run leaves open stays open while its crashes are tried. */
export const transactionTimeoutMs = 86_400_000;

/**
 * The producer of one transactional id. Protocol 1 is the one before KIP-890, protocol 2 the one
 * since. Each step returns whether it succeeded.
 */
export class AskingProducer {
  readonly #asker: AskingClient;
  readonly #transactionalId: string;
  readonly #protocol: 1 | 2;
  readonly #sequences = new Map<string, number>();
  readonly #joined = new Set<string>();
  #identity: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };
  #current: TransactionAsked | undefined;

  constructor(
    asker: AskingClient,
    { transactionalId, protocol }: { readonly transactionalId: string; readonly protocol: 1 | 2 },
  ) {
    this.#asker = asker;
    this.#transactionalId = transactionalId;
    this.#protocol = protocol;
  }

  /** Takes over the transactional id. The broker aborts what its last producer left open. */
  async init(): Promise<boolean> {
    const { client, book, now } = this.#asker.asking;
    const left = book.transactions.findLast(
      ({ transactionalId }) => transactionalId === this.#transactionalId,
    );
    const asked: ProducerIdAsked = { askedAt: now(), transactionalId: this.#transactionalId };
    book.producerIds.push(asked);
    const abort: TransactionEnd | undefined =
      left !== undefined && left.end === undefined
        ? { askedAt: now(), committed: false, by: 'heir' }
        : undefined;
    if (left !== undefined && abort !== undefined) left.end = abort;
    await answerTo(asked, now, async () => {
      const request = { transactionalId: this.#transactionalId, transactionTimeoutMs };
      const answer = await whenReady(
        () => client.send(initProducerId, 5, request),
        ({ errorCode }) => errorCode,
      );
      if (answer.errorCode === 0)
        this.#becomes(asked, { producerId: answer.producerId ?? -1n, producerEpoch: answer.producerEpoch });
      return answer.errorCode;
    });
    if (abort !== undefined) abort.doneAt = asked.doneAt;
    return asked.doneAt !== undefined;
  }

  begin(): void {
    const { book, now } = this.#asker.asking;
    this.#current = {
      askedAt: now(),
      transactionalId: this.#transactionalId,
      ...this.#identity,
      protocol: this.#protocol,
    };
    book.transactions.push(this.#current);
    this.#joined.clear();
  }

  async produce(batch: Pick<BatchToAsk, 'topic' | 'partition' | 'values' | 'session'>): Promise<boolean> {
    if (!(await this.#join(batch.topic, batch.partition))) return false;
    const options = this.#batchOptions(batch, batch.values.length);
    return isDone(
      await this.#asker.produce({ ...batch, acks: -1, batch: options, transaction: this.#current }),
    );
  }

  async put(put: Pick<PutToAsk, 'topic' | 'partition' | 'entries'>): Promise<boolean> {
    if (!(await this.#join(put.topic, put.partition))) return false;
    return isDone(
      await this.#asker.put({
        ...put,
        batch: this.#batchOptions(put, put.entries.length),
        transaction: this.#current,
      }),
    );
  }

  async commitOffset({ group, topic, partition, offset }: OffsetToAsk): Promise<boolean> {
    const { client, book, now } = this.#asker.asking;
    if (this.#protocol === 1 && !(await this.#joinGroup(group))) return false;
    const asked = { askedAt: now(), group, topic, partition, offset, transaction: this.#current };
    book.commits.push(asked);
    await answerTo(asked, now, async () => {
      const answer = await whenReady(
        () =>
          client.send(txnOffsetCommit, this.#protocol === 1 ? 3 : 5, {
            transactionalId: this.#transactionalId,
            groupId: group,
            ...this.#identity,
            topics: [
              {
                name: topic,
                partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: '' }],
              },
            ],
          }),
        (found) => found.topics[0]?.partitions[0]?.errorCode,
      );
      return answer.topics[0]?.partitions[0]?.errorCode;
    });
    return isDone(asked);
  }

  async end(committed: boolean): Promise<boolean> {
    const { client, book, now } = this.#asker.asking;
    const end: TransactionEnd = { askedAt: now(), committed, by: 'producer' };
    if (this.#current !== undefined) this.#current.end = end;
    await answerTo(end, now, async () => {
      const request = { transactionalId: this.#transactionalId, ...this.#identity, committed };
      const send = () => client.send(endTxn, this.#protocol === 1 ? 3 : 5, request);
      const answer = await whenReady(send, ({ errorCode }) => errorCode);
      if (answer.errorCode !== 0 || this.#protocol === 1) return answer.errorCode;
      const asked: ProducerIdAsked = {
        askedAt: end.askedAt,
        doneAt: now(),
        transactionalId: this.#transactionalId,
      };
      book.producerIds.push(asked);
      this.#becomes(asked, {
        producerId: answer.producerId ?? -1n,
        producerEpoch: answer.producerEpoch ?? -1,
      });
      return 0;
    });
    return isDone(end);
  }

  /**
   * Waits until the coordinator has written everything that belongs to the end of the transaction.
   */
  async completed(): Promise<void> {
    const { client, now } = this.#asker.asking;
    const end = this.#current?.end;
    if (end === undefined || !(await isSettled(client, this.#transactionalId).catch(() => false))) return;
    end.completedAt = now();
  }

  #becomes(asked: ProducerIdAsked, identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#sequences.clear();
    asked.producerId = identity.producerId;
    asked.producerEpoch = identity.producerEpoch;
  }

  #batchOptions(
    { topic, partition }: { readonly topic: TopicAsked; readonly partition: number },
    records: number,
  ) {
    const place = `${topic.name}-${partition}`;
    const baseSequence = this.#sequences.get(place) ?? 0;
    this.#sequences.set(place, baseSequence + records);
    return { ...this.#identity, baseSequence, transactional: true };
  }

  async #join(topic: TopicAsked, partition: number): Promise<boolean> {
    const place = `${topic.name}-${partition}`;
    if (this.#protocol === 2 || this.#joined.has(place)) return true;
    const { client } = this.#asker.asking;
    const send = () =>
      client.send(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.#transactionalId,
        v3AndBelowProducerId: this.#identity.producerId,
        v3AndBelowProducerEpoch: this.#identity.producerEpoch,
        v3AndBelowTopics: [{ name: topic.name, partitions: [partition] }],
      });
    return this.#isJoined(place, async () => {
      const codeOf = (answer: Awaited<ReturnType<typeof send>>) =>
        answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode;
      return codeOf(await whenReady(send, codeOf));
    });
  }

  #joinGroup(groupId: string): Promise<boolean> {
    const { client } = this.#asker.asking;
    const send = () =>
      client.send(addOffsetsToTxn, 3, { transactionalId: this.#transactionalId, ...this.#identity, groupId });
    return this.#isJoined(
      groupId,
      async () => (await whenReady(send, ({ errorCode }) => errorCode)).errorCode,
    );
  }

  async #isJoined(place: string, ask: () => Promise<number | undefined>): Promise<boolean> {
    const code = await ask().catch(() => -1);
    if (code === 0) this.#joined.add(place);
    return code === 0;
  }
}

const isDone = ({ doneAt }: Asked): boolean => doneAt !== undefined;
