import { connect, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { decodeResponse, encodeRequest, produce } from '@millrace/streaming-core/protocol';
import { encodeBatch } from '@millrace/streaming-core/records';

/**
 * A program that opens a given number of connections, each with one Produce request of one record
 * in flight, for a given number of seconds. It prints one line of JSON: the number of answered
 * requests and the seconds.
 *
 * It sends the same frame each time and looks only at the length of the answers, so that most of
 * the time is spent in the broker.
 */
const version = 7;
const recordBytes = 100;
const sizeBytes = 4;

interface Load {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  readonly frame: Buffer;
}

const frameFor = (topic: string): Buffer => {
  const records = encodeBatch([{ key: null, value: Buffer.alloc(recordBytes, 'x') }], {
    timestampMs: BigInt(Date.now()),
  });
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  return Buffer.concat([
    ...encodeRequest(
      produce,
      version,
      { correlationId: 1, clientId: 'bench' },
      { acks: -1, timeoutMs: 30_000, topicData },
    ),
  ]);
};

/** Throws when the answer is an error, since a load of refusals would be fast. */
function checkAnswer(frame: Buffer): void {
  const { body } = decodeResponse(produce, version, frame);
  const errorCode = body.responses[0]?.partitionResponses[0]?.errorCode;
  if (errorCode !== 0) throw new Error(`Produce was answered with error ${errorCode}`);
}

/** Sends one request after the other until the time is up. Returns the number of answers. */
async function loop({ host, port, frame }: Load, until: number): Promise<number> {
  const socket = await opened(host, port);
  let answers = 0;
  await new Promise<void>((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the broker closed the connection')));
    socket.on('data', (chunk: Buffer) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (held.length < sizeBytes || held.length < sizeBytes + held.readInt32BE(0)) return;
      if (answers === 0) checkAnswer(held.subarray(sizeBytes));
      held = Buffer.alloc(0);
      answers += 1;
      if (performance.now() < until) socket.write(frame);
      else resolve();
    });
    socket.write(frame);
  }).finally(() => socket.destroy());
  return answers;
}

const opened = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket)).once('error', reject);
  });

async function main(): Promise<void> {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({
    options: { host: text, port: text, topic: text, connections: text, seconds: text },
  });
  const load = {
    host: values.host,
    port: Number(values.port),
    frame: frameFor(values.topic),
    connections: Number(values.connections),
    seconds: Number(values.seconds),
  };
  const begun = performance.now();
  const all = await Promise.all(
    Array.from({ length: load.connections }, () => loop(load, begun + load.seconds * 1_000)),
  );
  const requests = all.reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${JSON.stringify({ requests, seconds: (performance.now() - begun) / 1_000 })}\n`);
}

await main();
