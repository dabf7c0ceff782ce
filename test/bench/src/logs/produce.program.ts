import { setTimeout as wait } from 'node:timers/promises';
import { connectProducer } from '@millrace/streaming-core/client';
import { percentile } from '../numbers.ts';
import { checksumOf, lineOf, plantedLine } from './lines.ts';

/** What a producer is to send. */
export interface ProduceRun {
  readonly bootstrapServer: string;
  readonly topic: string;
  readonly service: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly planted: boolean;
}

/** What a producer has sent, and how long acknowledgements took. */
export interface Produced {
  readonly lines: number;
  readonly seconds: number;
  /** The CPU time of the whole process. */
  readonly cpuMs: number;
  readonly checksum: string;
  readonly latenciesMs: readonly number[];
}

const tickMs = 10;
const linesPerSendMax = 5_000;
/** A producer that waits for more acknowledgements falls behind its rate, which the report shows. */
const unacknowledgedMax = 150_000;

const { bootstrapServer, topic, service, perSecond, seconds, planted } = JSON.parse(
  process.argv[2] ?? '',
) as ProduceRun;
const producer = connectProducer({
  bootstrapServers: [bootstrapServer],
  clientId: service,
  acks: 'all',
  lingerMs: 5,
  compression: 'zstd',
  queueRecordsMax: 500_000,
});
const total = perSecond * seconds;
const latenciesMs: number[] = [];
const sends: Promise<void>[] = [];
let unacknowledged = 0;
let checksum = 0n;
let lines = 0;

const send = async (values: readonly Buffer[]) => {
  const sentAt = performance.now();
  await producer.send(values.map((value) => ({ topic, key: null, value })));
  latenciesMs.push(performance.now() - sentAt);
  unacknowledged -= values.length;
};

const startedAt = performance.now();
while (lines < total) {
  const time = new Date().toISOString();
  const soFar = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
  const due = Math.min(total - lines, soFar - lines, linesPerSendMax);
  const isMiddle = planted && lines < total / 2 && lines + due >= total / 2;
  const values = Array.from({ length: due }, (_, index) =>
    isMiddle && index === 0 ? plantedLine(service, time) : lineOf(service, lines + index, time),
  );
  unacknowledged += due;
  if (due > 0) sends.push(send(values));
  checksum += checksumOf(values);
  lines += due;
  if (unacknowledged > unacknowledgedMax) await Promise.all(sends.splice(0));
  else if (due < linesPerSendMax) await wait(tickMs);
}
await Promise.all(sends);
const elapsedSeconds = (performance.now() - startedAt) / 1_000;
await producer.close();
const { user, system } = process.cpuUsage();
const cpuMs = (user + system) / 1_000;
latenciesMs.sort((one, other) => one - other);
const shares = Array.from({ length: 1_001 }, (_, index) => percentile(latenciesMs, index / 1_000));
process.stdout.write(
  `${JSON.stringify({ lines, seconds: elapsedSeconds, cpuMs, checksum: String(checksum), latenciesMs: shares } satisfies Produced)}\n`,
);
