import { setTimeout } from 'node:timers/promises';
import { batchesIn } from '../records/record-batch.ts';
import { recordsOf } from '../records/records.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  initProducerId,
  endTxn,
  describeTransactions,
} from '../protocol/apis/transactions.ts';
import { fetch } from '../protocol/apis/fetch.ts';
import { findCoordinator } from '../protocol/apis/cluster.ts';
import { offsetFetch, txnOffsetCommit } from '../protocol/apis/group-offsets.ts';
import { produce } from '../protocol/apis/produce.ts';
import { errorCodes, type ErrorName } from '../protocol/errors.ts';
import type { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf } from './broker.fixture.ts';

export interface Producer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** The versions without and with KIP-890. */
export const versionsOf = {
  old: { produce: 11, end: 3, commit: 3 },
  new: { produce: 12, end: 5, commit: 5 },
} as const;

const nameOf = (code: number): ErrorName =>
  (Object.entries(errorCodes).find(([, known]) => known === code)?.[0] ??
    'UNKNOWN_SERVER_ERROR') as ErrorName;

const attemptsMax = 200;
/**
 * Temporary errors: a transaction that is being ended, a coordinator topic that was just created, a
 * topic that is not known everywhere yet.
 */
const passing: readonly number[] = [
  errorCodes.CONCURRENT_TRANSACTIONS,
  errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
  errorCodes.COORDINATOR_NOT_AVAILABLE,
  errorCodes.NOT_COORDINATOR,
  errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
];

/**
 * Sends the requests of a transactional producer one at a time and returns named codes. Retries
 * when a coordinator says so.
 */
export class TransactionalSession {
  readonly transactionalId: string;
  readonly #client: WireClient;

  constructor(client: WireClient, transactionalId: string) {
    this.#client = client;
    this.transactionalId = transactionalId;
  }

  /** Apache Kafka creates a coordinator's topic when a client asks for the coordinator. */
  async find(keyType: 0 | 1): Promise<void> {
    const send = () => this.#client.send(findCoordinator, 2, { key: this.transactionalId, keyType });
    await again(await send(), ({ errorCode }) => errorCode, send);
  }

  async init(
    options: { readonly timeoutMs?: number; readonly expected?: Producer; readonly version?: number } = {},
  ) {
    const { timeoutMs = 60_000, expected, version = 5 } = options;
    const request = { transactionalId: this.transactionalId, transactionTimeoutMs: timeoutMs, ...expected };
    const first = await this.#client.send(initProducerId, version, request);
    const answer = await again(
      first,
      ({ errorCode }) => errorCode,
      () => this.#client.send(initProducerId, version, request),
    );
    const { producerId, producerEpoch } = answer;
    return { name: nameOf(answer.errorCode), firstName: nameOf(first.errorCode), producerId, producerEpoch };
  }

  async add(producer: Producer, topic: string, ...partitions: number[]): Promise<ErrorName> {
    const send = async () => {
      const { resultsByTopicV3AndBelow } = await this.#client.send(addPartitionsToTxn, 3, {
        v3AndBelowTransactionalId: this.transactionalId,
        v3AndBelowProducerId: producer.producerId,
        v3AndBelowProducerEpoch: producer.producerEpoch,
        v3AndBelowTopics: [{ name: topic, partitions }],
      });
      return resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
    };
    return nameOf(await again(await send(), (code) => code, send));
  }

  async produce(
    producer: Producer,
    topic: string,
    options: { sequence: number; values: string[]; partition?: number; version?: number },
  ) {
    const {
      sequence: baseSequence,
      values,
      partition: index = 0,
      version = versionsOf.old.produce,
    } = options;
    const records = batchOf(values, { ...pair(producer), baseSequence, transactional: true });
    const send = async () => {
      const { responses } = await this.#client.send(produce, version, {
        transactionalId: this.transactionalId,
        acks: -1,
        timeoutMs: 5_000,
        topicData: [{ name: topic, partitionData: [{ index, records }] }],
      });
      return responses[0]!.partitionResponses[0]!;
    };
    const answer = await again(await send(), ({ errorCode }) => errorCode, send);
    return { name: nameOf(answer.errorCode), baseOffset: answer.baseOffset };
  }

  async end(producer: Producer, committed: boolean, version: number = versionsOf.old.end) {
    const send = () =>
      this.#client.send(endTxn, version, {
        transactionalId: this.transactionalId,
        ...pair(producer),
        committed,
      });
    const answer = await again(await send(), ({ errorCode }) => errorCode, send);
    return {
      name: nameOf(answer.errorCode),
      producerId: answer.producerId,
      producerEpoch: answer.producerEpoch,
    };
  }

  async addOffsets(producer: Producer, groupId: string): Promise<ErrorName> {
    const send = () =>
      this.#client.send(addOffsetsToTxn, 3, {
        transactionalId: this.transactionalId,
        ...pair(producer),
        groupId,
      });
    return nameOf((await again(await send(), ({ errorCode }) => errorCode, send)).errorCode);
  }

  async commitOffset(
    producer: Producer,
    options: { groupId: string; topic: string; offset: bigint; version?: number },
  ): Promise<ErrorName> {
    const { groupId, topic, offset: committedOffset, version = versionsOf.old.commit } = options;
    const send = () =>
      this.#client.send(txnOffsetCommit, version, {
        transactionalId: this.transactionalId,
        groupId,
        ...pair(producer),
        topics: [
          { name: topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] },
        ],
      });
    const code = (answer: Awaited<ReturnType<typeof send>>) => answer.topics[0]!.partitions[0]!.errorCode;
    return nameOf(code(await again(await send(), code, send)));
  }

  async state() {
    const { transactionStates } = await this.#client.send(describeTransactions, 0, {
      transactionalIds: [this.transactionalId],
    });
    return transactionStates[0]!;
  }

  /** Waits for the markers, which follow the answer to EndTxn. */
  async settled(status: string): Promise<void> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if ((await this.state()).transactionState === status) return;
      await setTimeout(50);
    }
    throw new Error(`${this.transactionalId} did not become ${status}`);
  }
}

const pair = ({ producerId, producerEpoch }: Producer) => ({ producerId, producerEpoch });

async function again<Answer>(
  first: Answer,
  codeOf: (answer: Answer) => number,
  send: () => Promise<Answer>,
): Promise<Answer> {
  let answer = first;
  for (let attempt = 0; passing.includes(codeOf(answer)) && attempt < attemptsMax; attempt += 1) {
    await setTimeout(20);
    answer = await send();
  }
  return answer;
}

/**
 * Returns what a read_committed consumer sees. Leaves out aborted records by Kafka's rule, with the
 * aborted transactions in the response.
 */
export async function readCommitted(
  client: WireClient,
  topic: string,
  { partition = 0, offset = 0n, maxBytes = 1 << 20 } = {},
) {
  const { responses } = await client.send(fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes,
    isolationLevel: 1,
    sessionId: 0,
    sessionEpoch: -1,
    forgottenTopicsData: [],
    rackId: '',
    topics: [{ topic, partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: maxBytes }] }],
  });
  const answer = responses[0]!.partitions[0]!;
  const { lastStableOffset, highWatermark } = answer;
  const aborted = [...(answer.abortedTransactions ?? [])];
  return {
    lastStableOffset,
    highWatermark,
    aborted,
    values: committedValues(answer.records ?? Buffer.alloc(0), aborted),
  };
}

function committedValues(
  bytes: Buffer,
  aborted: ReadonlyArray<{ readonly producerId: bigint; readonly firstOffset: bigint }>,
): string[] {
  const waiting = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  const values: string[] = [];
  for (const batch of batchesIn(bytes)) {
    while (waiting.length > 0 && waiting[0]!.firstOffset <= batch.lastOffset)
      open.add(waiting.shift()!.producerId);
    if (batch.isControl) open.delete(batch.producerId);
    else if (!batch.isTransactional || !open.has(batch.producerId))
      values.push(...(recordsOf(batch) ?? []).map(({ value }) => String(value)));
  }
  return values;
}

/** Returns the committed offset of partition 0, or the name of the error. */
export async function committedOffset(
  client: WireClient,
  { groupId, topic, requireStable = true }: { groupId: string; topic: string; requireStable?: boolean },
) {
  const { groups } = await client.send(offsetFetch, 8, {
    groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }],
    requireStable,
  });
  const { errorCode, committedOffset: offset } = groups[0]!.topics[0]!.partitions[0]!;
  return errorCode === 0 ? offset : nameOf(errorCode);
}
