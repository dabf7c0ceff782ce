import { seededRandom } from '@millrace/testing/random';
import { createTopics, WireClient } from '@millrace/streaming-core/wire';
import { inFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { memoryOf, startBrokerChild, type BrokerChild } from '../process/broker-child.ts';
import { canaryInWords, startCanary } from '../process/canary.ts';
import type { FaultsReport, FaultsRow } from '../report.ts';
import { framed, mutatedBatch, mutatedFrame } from './mutations.ts';
import { bombs, produceRequest, recordedRequests, sampleBatches } from './recorded-requests.ts';
import { sendFrames, type Sent } from './send-frames.ts';

const sideBySide = 24;
/** Frames of a quarter of a megabyte and bombs of 300 MB pass through a broker that must stay below this. */
const peakBytesMax = 500_000_000;
const canaryWorstMsMax = 3_000;
const quick = { mutated: 80_000, batches: 10_000, ms: 28_000 };
const whole = { mutated: 2_000_000, batches: 500_000, ms: Number.POSITIVE_INFINITY };

/** Whatever bytes a peer sends: the process lives, its memory is bounded, and others are served. */
export function runFuzz(options: RunOptions): Promise<FaultsReport> {
  return inFolder(async (dataFolder) => {
    const startedAt = performance.now();
    const limits = { partitionsMax: 60 }; // each is a folder: what mutated requests make is to be dear in time no more than this
    const broker = await startBrokerChild({
      dataFolder,
      flush: 'none',
      limits,
      groups: { offsetsTopicPartitions: 2 },
      transactions: { stateTopicPartitions: 2 },
    });
    try {
      const report = await attack(broker, options);
      return { run: 'fuzz', seed: options.seed, seconds: Math.round((performance.now() - startedAt) / 1_000), ...report };
    } finally {
      await broker.kill();
    }
  });
}

async function attack(broker: BrokerChild, { quick: isQuick, seed, print }: RunOptions): Promise<Pick<FaultsReport, 'rows' | 'problems'>> {
  const random = seededRandom(seed);
  const until = performance.now() + (isQuick ? quick : whole).ms;
  const counts = isQuick ? quick : whole;
  const bodies = recordedRequests();
  await makeTopic(broker);
  const canary = await startCanary(broker);
  const inFlight = new Set<Buffer>();
  const rows: FaultsRow[] = [];
  const send = async (what: string, frames: Iterable<Buffer>) => {
    const sent: Sent = { answered: 0, closed: 0 };
    await sendFrames(broker, withinTime(frames, until), { sideBySide, counts: sent, inFlight });
    const violations = broker.errors.length + (broker.isAlive ? 0 : 1);
    rows.push({ what, tried: sent.answered + sent.closed, violations, note: `${sent.answered} answered, ${sent.closed} cut off` });
    print(`${what}: ${sent.answered + sent.closed}, resident ${megabytes(memoryOf(broker).nowBytes)} MB`);
  };
  const problems: string[] = [];
  try {
    await send('recorded requests', bodies.map(framed));
    await send(
      'compressed batches that unpack to 300 MB',
      bombs.map((batch) => framed(produceRequest(batch))),
    );
    await send('recorded requests cut at a byte', cuts(bodies, isQuick ? 3 : 1, random));
    await send(
      'batches damaged behind a checksum that fits',
      repeat(counts.batches, () =>
        framed(produceRequest(mutatedBatch(sampleBatches[Math.floor(random() * sampleBatches.length)] as Buffer, random))),
      ),
    );
    await send(
      'mutated requests',
      repeat(counts.mutated, () => mutatedFrame(bodies, random).frame),
    );
  } catch (error) {
    problems.push(`${String(error)}; sent last: ${[...inFlight].map((frame) => frame.subarray(0, 200).toString('hex')).join(' ')}`);
  }
  const heard = await canary.stop();
  const { peakBytes } = broker.isAlive ? memoryOf(broker) : { peakBytes: Number.NaN };
  rows.push({
    what: 'memory',
    tried: 1,
    violations: 0,
    note: `${megabytes(peakBytes)} MB resident at the most, ${megabytes(peakBytesMax)} MB allowed`,
  });
  rows.push({ what: 'others', tried: heard.requests, violations: heard.failures.length, note: canaryInWords(heard) });
  if (!broker.isAlive) problems.push('the broker died');
  if (!(peakBytes <= peakBytesMax)) problems.push(`the broker took ${megabytes(peakBytes)} MB`);
  if (heard.worstMs > canaryWorstMsMax) problems.push(`a client beside it waited for ${heard.worstMs} ms`);
  return { rows, problems: [...problems, ...heard.failures, ...broker.errors] };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);

async function makeTopic(broker: BrokerChild): Promise<void> {
  const client = await WireClient.connect(broker);
  await client.send(createTopics, 7, { topics: [{ name: 'fuzzed', numPartitions: 1, replicationFactor: 1 }] });
  client.close();
}

/** Each request without its end, at every byte or at every n-th, the size saying what is there. */
function* cuts(bodies: readonly Buffer[], every: number, random: () => number): Generator<Buffer> {
  for (const body of bodies)
    for (let end = Math.floor(random() * every); end < body.length; end += every) yield framed(body.subarray(0, end));
}

function* repeat(count: number, make: () => Buffer): Generator<Buffer> {
  for (let index = 0; index < count; index += 1) yield make();
}

function* withinTime(frames: Iterable<Buffer>, until: number): Generator<Buffer> {
  for (const frame of frames)
    if (performance.now() < until) yield frame;
    else return;
}
