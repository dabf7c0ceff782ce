import type { Socket } from 'node:net';
import {
  addPartitionsToTxn,
  initProducerId,
  endTxn,
  type EndTxnRequest,
} from '../../protocol/apis/transactions.ts';
import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { produce, type ProduceRequest } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedListener,
} from '../connection/scripted-listener.fake.ts';

/** A batch of a Produce request. */
export interface SeenBatch {
  readonly partition: number;
  readonly topicId: string;
  readonly producer: string;
  readonly sequence: number;
  readonly values: readonly string[];
}

/** The answer to a batch. `silence` closes the connection without an answer. */
export type Verdict = keyof typeof errorCodes | 'silence';

export interface Script {
  readonly topic: string;
  partitions: number;
  topicId: string;
  readonly produceMax?: number;
  /**
   * The leader of each partition, by default 1. Both ids belong to the same server, but a client
   * connects to each separately.
   */
  readonly leaders?: readonly (1 | 2)[];
  /** Called for each batch, in order. */
  judge(batch: SeenBatch): Verdict;
  /** Delays all answers until it resolves. */
  held?: Promise<void>;
}

/**
 * Starts a broker that answers as scripted, with answers that a real broker gives only at rare
 * moments.
 */
export async function startScriptedBroker(script: Script) {
  const seen: SeenBatch[] = [];
  const ends: string[] = [];
  let received = 0;
  let producerIds = 0;

  const apis = [
    scripted(metadata, clusterNow),
    scripted(initProducerId, () => ({
      errorCode: 0,
      producerId: BigInt((producerIds += 1)),
      producerEpoch: 0,
    })),
    scripted(findCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map((key) => ({ key, nodeId: 1, ...listener.address, errorCode: 0 })),
    })),
    scripted(addPartitionsToTxn, () => ({ resultsByTopicV3AndBelow: [] })),
    scripted(endTxn, () => ({ errorCode: 0 })),
    scripted(produce, (body, { socket }) => write(body, socket), script.produceMax),
  ];
  const listener: ScriptedListener = await startScriptedListener(apis, {
    held: () => script.held,
    arrived(apiKey, body) {
      if (apiKey === produce.key) received += 1;
      if (apiKey === endTxn.key) ends.push(endOf(body as EndTxnRequest));
    },
  });
  const { port } = listener.address;

  const endOf = ({ committed }: EndTxnRequest) =>
    `${committed ? 'commit' : 'abort'} after ${seen.length} batches`;

  function clusterNow() {
    return {
      errorCode: 0,
      brokers: [
        { nodeId: 1, host: '127.0.0.1', port },
        { nodeId: 2, host: 'localhost', port },
      ],
      clusterId: 'scripted',
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: script.topic,
          topicId: script.topicId,
          partitions: Array.from({ length: script.partitions }, (_, index) =>
            partitionOf(index, script.leaders?.[index] ?? 1),
          ),
        },
      ],
    };
  }

  function write({ acks, topicData }: ProduceRequest, socket: Socket) {
    const responses = topicData.map(({ topicId, name, partitionData }) => ({
      topicId,
      name,
      partitionResponses: partitionData.flatMap(
        ({ index, records }) => judge(topicId, index, records!) ?? [],
      ),
    }));
    const asked = topicData.flatMap(({ partitionData }) => partitionData).length;
    const answered = responses.flatMap(({ partitionResponses }) => partitionResponses).length;
    if (answered < asked) socket.destroy();
    return acks === 0 || answered < asked ? undefined : { responses };
  }

  function judge(topicId: string, partition: number, records: Buffer) {
    const batch = new RecordBatch(records);
    const values = recordsOf(batch)!.map(({ value }) => String(value));
    const one = {
      partition,
      topicId,
      producer: `${batch.producerId}/${batch.producerEpoch}`,
      sequence: batch.baseSequence,
      values,
    };
    seen.push(one);
    const verdict = script.judge(one);
    return verdict === 'silence'
      ? undefined
      : { index: partition, errorCode: errorCodes[verdict], baseOffset: BigInt(100 * seen.length) };
  }

  return {
    bootstrapServers: [`127.0.0.1:${port}`],
    seen,
    /** The ends of transactions that have arrived, each with the number of batches before it. */
    ends,
    /** How many Produce requests have arrived. */
    get received() {
      return received;
    },
    close: () => listener.close(),
  };
}

const partitionOf = (partitionIndex: number, leaderId: number) => ({
  errorCode: 0,
  partitionIndex,
  leaderId,
  leaderEpoch: 0,
  replicaNodes: [leaderId],
  isrNodes: [leaderId],
});
