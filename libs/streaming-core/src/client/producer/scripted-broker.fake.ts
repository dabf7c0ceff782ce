import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import { FrameSplitter } from '../../protocol/frames/frame-splitter.ts';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import type { Api } from '../../protocol/api.ts';
import { addPartitionsToTxn } from '../../protocol/apis/add-partitions-to-txn.ts';
import { apiVersions } from '../../protocol/apis/api-versions.ts';
import { endTxn, type EndTxnRequest } from '../../protocol/apis/end-txn.ts';
import { findCoordinator, type FindCoordinatorRequest } from '../../protocol/apis/find-coordinator.ts';
import { initProducerId } from '../../protocol/apis/init-producer-id.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { produce, type ProduceRequest } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { encodeResponse, readHeaderTags, readRequestHeader } from '../../protocol/frames/frame.ts';
import type { InOf } from '../../protocol/schema.ts';
import type { Fields } from '../../protocol/field.ts';
import { WireReader } from '../../protocol/wire-reader.ts';

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
  const sockets = new Set<Socket>();
  let received = 0;
  let producerIds = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    const frames = new FrameSplitter({
      frameBytesMax: 10_000_000,
      buffers: new BufferPool({ heldBytesMax: 0 }),
    });
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk, (frame) => void serve(socket, new WireReader(frame)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const apis = [
    apiVersions,
    metadata,
    initProducerId,
    produce,
    findCoordinator,
    addPartitionsToTxn,
    endTxn,
  ] as unknown as readonly Api[];

  async function serve(socket: Socket, reader: WireReader): Promise<void> {
    const { apiKey, apiVersion, correlationId } = readRequestHeader(reader);
    const api = apis.find(({ key }) => key === apiKey)!;
    if (api.request.isFlexible(apiVersion)) readHeaderTags(reader);
    const body = api.request.codec(apiVersion).read(reader) as never;
    if (apiKey === produce.key) received += 1;
    if (apiKey === endTxn.key) ends.push(endOf(body));
    await script.held;
    if (socket.destroyed) return; // like a broker, it does not serve a closed connection further
    const answer = answers[apiKey]!(body);
    if (answer === undefined) return void socket.destroy();
    if (apiKey === produce.key && (body as ProduceRequest).acks === 0) return;
    for (const part of encodeResponse(api, apiVersion, correlationId, answer as InOf<Fields>))
      socket.write(part);
  }

  const endOf = ({ committed }: EndTxnRequest) =>
    `${committed ? 'commit' : 'abort'} after ${seen.length} batches`;

  const answers: Readonly<Record<number, (body: never) => object | undefined>> = {
    [apiVersions.key]: () => ({
      errorCode: 0,
      apiKeys: apis.map(({ key, versions }) => ({
        apiKey: key,
        minVersion: versions.min,
        maxVersion: key === produce.key ? (script.produceMax ?? versions.max) : Math.min(versions.max, 12),
      })),
    }),
    [metadata.key]: () => ({
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
    }),
    [initProducerId.key]: () => ({ errorCode: 0, producerId: BigInt((producerIds += 1)), producerEpoch: 0 }),
    [findCoordinator.key]: ({ coordinatorKeys }: FindCoordinatorRequest) => ({
      coordinators: coordinatorKeys.map((key) => ({ key, nodeId: 1, host: '127.0.0.1', port, errorCode: 0 })),
    }),
    [addPartitionsToTxn.key]: () => ({ resultsByTopicV3AndBelow: [] }),
    [endTxn.key]: () => ({ errorCode: 0 }),
    [produce.key]: ({ topicData }: ProduceRequest) => {
      const responses = topicData.map(({ topicId, name, partitionData }) => ({
        topicId,
        name,
        partitionResponses: partitionData.map(({ index, records }) => judge(topicId, index, records!)),
      }));
      return responses.some(({ partitionResponses }) => partitionResponses.includes(undefined))
        ? undefined
        : { responses };
    },
  };

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
    /** The ends of transactions that have arrived, and how many batches were judged before. */
    ends,
    /** How many Produce requests have arrived. */
    get received() {
      return received;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
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
