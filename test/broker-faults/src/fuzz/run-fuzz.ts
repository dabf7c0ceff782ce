import { seededRandom } from '@millrace/testing/random';
import { createTopics, WireClient } from '@millrace/streaming-core/protocol';
import { connect } from 'node:net';
import { inFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { memoryOf, startBrokerChild, type BrokerChild } from '../process/broker-child.ts';
import { canaryInWords, startCanary, type Canary } from '../process/canary.ts';
import type { FaultsFound, FaultsRow } from '../report.ts';
import { framed, mutatedBatch, mutatedFrame } from './mutations.ts';
import { requestOfOtherValues } from './other-values.ts';
import {
  bombs,
  inHighestVersion,
  produceRequest,
  readRequest,
  recordedRequests,
  sampleBatches,
  topicToFuzz,
} from './recorded-requests.ts';
import { sendFrames } from './send-frames.ts';
import { Tally } from './tally.ts';
import { WordLists } from './word-lists.ts';

const connections = 24;
/**
 * The first limit applies after the bombs, each of which would add 300 MB. The second adds the
 * garbage that any number of frames may leave before V8 collects it.
 */
const peakBytesMax = { afterBombs: 400_000_000, atLast: 800_000_000 };
const canaryMsMax = { p99: 1_000, worst: 10_000 };
const shares = { batches: 0.1, otherValues: 0.5, otherBytes: 0.4 };

/**
 * Sends requests with all kinds of damage. Whatever bytes a peer sends, the process must survive,
 * its memory must stay bounded, and others must be served.
 */
export function runFuzz(options: RunOptions): Promise<FaultsFound> {
  return inFolder(async (dataFolder) => {
    // A partition is a folder, and creating many would make the run slow.
    const limits = { partitionsMax: 60, fetchWaitMsMax: 5 };
    const broker = await startBrokerChild({
      dataFolder,
      flush: 'none',
      limits,
      groups: { offsetsTopicPartitions: 2 },
      transactions: { stateTopicPartitions: 2 },
    });
    try {
      return await attack(broker, options);
    } finally {
      await broker.kill();
    }
  });
}

async function attack(broker: BrokerChild, options: RunOptions): Promise<FaultsFound> {
  await makeTopic(broker);
  const canary = await startCanary(broker);
  const inFlight = new Set<Buffer>();
  const rows: FaultsRow[] = [];
  const problems: string[] = [];
  try {
    await sendAll(broker, { ...options, canary, inFlight, rows, problems });
  } catch (error) {
    problems.push(
      `${String(error)}; sent last: ${[...inFlight].map((frame) => frame.subarray(0, 400).toString('hex')).join(' ')}`,
    );
  }
  const after = await survivors(broker, canary);
  return { rows: [...rows, ...after.rows], problems: [...problems, ...after.problems, ...broker.errors] };
}

interface Attack extends RunOptions {
  readonly canary: Canary;
  readonly inFlight: Set<Buffer>;
  readonly rows: FaultsRow[];
  readonly problems: string[];
}

async function sendAll(broker: BrokerChild, attack: Attack): Promise<void> {
  const { quick, seed, frames: mutated, print, canary, inFlight, rows, problems } = attack;
  const random = seededRandom(seed);
  const bodies = recordedRequests();
  const requests = bodies.map(readRequest);
  const words = new WordLists(canary.belongings);
  for (const { api, body } of requests) words.learn(api.request.fields, body);

  await send('recorded requests', bodies.map(framed));
  await send('compressed batches that unpack to 300 MB', bombs.map(produceRequest).map(framed));
  problems.push(...memoryProblems(memoryOf(broker).peakBytes, peakBytesMax.afterBombs));
  await send('recorded requests cut at every byte', cuts(bodies));
  await endConnections(
    'connections that end at every byte of a request',
    quick ? inHighestVersion(bodies) : bodies,
  );
  await send(
    'mutated: batches damaged behind a checksum that fits',
    repeat(mutated * shares.batches, () => framed(produceRequest(mutatedBatch(pick(sampleBatches), random)))),
  );
  await send(
    'mutated: requests with other values',
    repeat(mutated * shares.otherValues, () => requestOfOtherValues(requests, words, random)),
  );
  await send(
    'mutated: requests with other bytes',
    repeat(mutated * shares.otherBytes, () => mutatedFrame(bodies, random).frame),
  );

  async function send(what: string, frames: Iterable<Buffer>): Promise<void> {
    const tally = new Tally(words);
    const before = broker.errors.length;
    await sendFrames(broker, frames, { connections, inFlight, onOutcome: tally.note });
    problems.push(...tally.problems);
    report(tally.row(what, broker.errors.length - before));
  }

  async function endConnections(what: string, of: readonly Buffer[]): Promise<void> {
    const { tried, answered } = await endWithin(broker, beginnings(of), connections);
    if (answered > 0) problems.push(`${answered} requests were answered although their end was missing`);
    report({ what, tried, violations: answered, note: `${answered} answered` });
  }

  function report(row: FaultsRow): void {
    rows.push(row);
    print(`${row.what}: ${row.tried}, resident ${megabytes(memoryOf(broker).nowBytes)} MB; ${row.note}`);
  }

  function pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(random() * items.length)] as Item;
  }
}

async function survivors(broker: BrokerChild, canary: Canary): Promise<FaultsFound> {
  const heard = await canary.stop();
  const { peakBytes } = broker.isAlive ? memoryOf(broker) : { peakBytes: Number.NaN };
  const tooMuch = memoryProblems(peakBytes, peakBytesMax.atLast);
  const memory = `${megabytes(peakBytes)} MB resident at peak, ${megabytes(peakBytesMax.atLast)} MB allowed`;
  return {
    rows: [
      { what: 'memory', tried: 1, violations: tooMuch.length, note: memory },
      {
        what: 'others',
        tried: heard.requests,
        violations: heard.failures.length,
        note: canaryInWords(heard),
      },
    ],
    problems: [
      ...(broker.isAlive ? [] : ['the broker died']),
      ...tooMuch,
      ...(heard.worstMs <= canaryMsMax.worst ? [] : [`a request of the canary took ${heard.worstMs} ms`]),
      ...(heard.p99Ms <= canaryMsMax.p99
        ? []
        : [`one in a hundred requests of the canary took ${heard.p99Ms} ms or more`]),
      ...heard.failures,
    ],
  };
}

const memoryProblems = (peakBytes: number, bytesMax: number): readonly string[] =>
  peakBytes <= bytesMax
    ? []
    : [`the broker took ${megabytes(peakBytes)} MB, but only ${megabytes(bytesMax)} MB were allowed`];

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);

async function makeTopic(broker: BrokerChild): Promise<void> {
  const client = await WireClient.connect(broker);
  await client.send(createTopics, 7, {
    topics: [{ name: topicToFuzz, numPartitions: 1, replicationFactor: 1 }],
  });
  client.close();
}

/** Each request cut at every byte, with a size that matches what is left. */
function* cuts(bodies: readonly Buffer[]): Generator<Buffer> {
  for (const body of bodies)
    for (let end = 0; end < body.length; end += 1) yield framed(body.subarray(0, end));
}

/** Each frame cut at every byte, with the size of the whole request. */
function* beginnings(bodies: readonly Buffer[]): Generator<Buffer> {
  for (const frame of bodies.map(framed))
    for (let end = 1; end < frame.length; end += 1) yield frame.subarray(0, end);
}

function* repeat(count: number, make: () => Buffer): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) yield make();
}

/**
 * Opens one connection for each of these incomplete frames, sends it and ends the connection.
 * Resolves when the broker has closed all of them, with the number that it nevertheless answered.
 */
async function endWithin(
  { host, port }: { readonly host: string; readonly port: number },
  beginnings: Iterable<Buffer>,
  connections: number,
): Promise<{ readonly tried: number; readonly answered: number }> {
  const queue = beginnings[Symbol.iterator]();
  const counts = { tried: 0, answered: 0 };
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const answered = await isAnswered(next.value);
      counts.tried += 1;
      if (answered) counts.answered += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return counts;

  function isAnswered(beginning: Buffer): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let received = 0;
      const socket = connect(port, host, () => socket.end(beginning));
      socket.on('data', (chunk) => (received += chunk.length));
      socket.on('error', (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' && reject(error));
      socket.on('close', () => resolve(received > 0));
    });
  }
}
