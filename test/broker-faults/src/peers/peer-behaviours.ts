import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  apiVersions,
  createTopics,
  encodeRequest,
  fetch,
  produce,
  WireClient,
} from '@millrace/streaming-core/protocol';
import { encodeBatch } from '@millrace/streaming-core/records';

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A way in which peers misbehave. Returns the sockets that it has opened, so that the caller can
 * end them.
 */
export type Misbehaviour = (broker: Address) => Promise<readonly Socket[]>;

const filled = { topic: 'filled', partitions: 7, batchesEach: 8, batchBytes: 950_000 };

/** Fills a topic with as much as one answer can hold, some 50 MB. */
export async function fillTopic(broker: Address): Promise<void> {
  const client = await WireClient.connect(broker);
  await client.send(createTopics, 7, {
    topics: [{ name: filled.topic, numPartitions: filled.partitions, replicationFactor: 1 }],
  });
  for (let index = 0; index < filled.partitions * filled.batchesEach; index += 1) {
    const records = encodeBatch([{ value: Buffer.alloc(filled.batchBytes, index) }], { timestampMs: 1n });
    const topicData = [
      { name: filled.topic, partitionData: [{ index: index % filled.partitions, records }] },
    ];
    await client.send(produce, 9, { acks: 1, timeoutMs: 30_000, topicData });
  }
  client.close();
}

const everything = {
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 0x7fff_ffff,
  topics: [
    {
      topic: filled.topic,
      partitions: Array.from({ length: filled.partitions }, (_, partition) => ({
        partition,
        fetchOffset: 0n,
        partitionMaxBytes: 0x7fff_ffff,
      })),
    },
  ],
};

async function openPeer({ host, port }: Address): Promise<Socket> {
  const socket = connect(port, host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/**
 * Connects a new client and checks that it is served. Tries again if it was refused for the number
 * of connections, since connections that ended may still be counted.
 */
export async function greet(broker: Address): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      const client = await WireClient.connect(broker);
      await client.send(apiVersions, 0, {});
      return client.close();
    } catch (error) {
      if (attempt === 50) throw error;
    }
}

const request = (correlationId: number, count = 1): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, () => [
      ...encodeRequest(fetch, 12, { correlationId, clientId: 'peer' }, everything),
    ]).flat(),
  );

/** Peers that ask for 50 MB each and read none of it. */
export const neverRead =
  (peers: number): Misbehaviour =>
  async (broker) => {
    const sockets: Socket[] = [];
    for (let index = 0; index < peers; index += 1) {
      const socket = (await openPeer(broker)).pause();
      socket.write(request(index));
      sockets.push(socket);
      await greet(broker); // by now the broker has begun to answer
    }
    return sockets;
  };

/** Peers that send thousands of requests in a row and read no answer. */
export const askOnAndOn =
  (peers: number): Misbehaviour =>
  async (broker) => {
    const sockets = await Promise.all(Array.from({ length: peers }, () => openPeer(broker)));
    for (const socket of sockets) socket.pause().write(request(1, 2_000));
    await greet(broker);
    return sockets;
  };

/** Peers that announce 100 MB each, send a part of it and stop. */
export const neverFinish =
  (peers: number, bytes: number): Misbehaviour =>
  async (broker) => {
    const head = Buffer.from('06400000', 'hex');
    const sockets: Socket[] = [];
    for (let index = 0; index < peers; index += 1) {
      const socket = await openPeer(broker);
      sockets.push(socket);
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
        socket.write(Buffer.concat([head, Buffer.alloc(bytes)]), () => resolve());
      });
    }
    return sockets;
  };

/** Peers that send a request byte by byte, all at the same time. */
export const dribble =
  (peers: number, rounds: number): Misbehaviour =>
  async (broker) => {
    const hello = encodeRequest(apiVersions, 0, { correlationId: 1, clientId: 'x'.repeat(1_000) }, {});
    const bytes = Buffer.concat([...hello]);
    const sockets = await Promise.all(Array.from({ length: peers }, () => openPeer(broker)));
    for (let round = 0; round < rounds; round += 1) {
      for (const socket of sockets) if (!socket.destroyed) socket.write(bytes.subarray(round, round + 1));
      await pause(10);
    }
    return sockets;
  };

/** Peers that open connections and do nothing with them. */
export const onlyConnect =
  (peers: number): Misbehaviour =>
  (broker) =>
    Promise.all(Array.from({ length: peers }, () => openPeer(broker)));
