import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectAdmin } from '@millrace/streaming-core/client';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { programCommand } from '@millrace/testing/program-command';
import { createTestDatabase, startPostgresServer } from '@millrace/testing/postgres';
import { runServiceProcess } from '@millrace/testing/service';
import { startOurs } from '../broker/engines.ts';
import { memoryOf } from '../broker/process-usage.ts';
import { percentile, round, sum } from '../numbers.ts';
import { needle } from './lines.ts';
import type { Produced, ProduceRun } from './produce.program.ts';

const workspace = join(import.meta.dirname, '../../../..');
const producers = ['bench-1', 'bench-2'];
const partitions = 6;
/** The topic of the minute without a sink. */
const topicAlone = 'logs-alone';
const topic = 'logs';
const drainMsMax = 1_800_000;

export interface LogsLoad {
  readonly perSecond: number;
  readonly seconds: number;
  /** The lines per second that the sink may write while the producers send. */
  readonly heldAt: number;
}

/** The rate of the producers, and how long their acknowledgements took. */
export interface Acknowledged {
  readonly lines: number;
  readonly perSecond: number;
  /** The CPU time of a producer for a line. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LogsMeasured extends LogsLoad {
  readonly alone: Acknowledged;
  readonly beside: Acknowledged;
  readonly brokerPeakMb: number;
  readonly indexerPeakMb: number;
  /** Lines that waited when the producers had ended. */
  readonly lag: number;
  readonly drainSeconds: number;
  readonly drainedPerSecond: number;
  readonly indexed: number;
  readonly sameChecksum: boolean;
  readonly plantedFound: number;
  readonly searchMs: number;
}

/**
 * Has two processes send lines at a fixed rate, first to a topic that nobody reads, then to the one that
 * the logs app indexes while it is held back. Then removes the limit, and compares what the app has.
 */
export async function measureLogs(load: LogsLoad, say: (line: string) => void): Promise<LogsMeasured> {
  await promisify(execFile)(process.execPath, [join(workspace, 'tools/build/bundle.ts'), 'apps/broker']);
  const stateDir = mkdtempSync(join(tmpdir(), 'millrace-logs-bench-'));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rmSync(stateDir, { recursive: true, force: true }));
  const server = await startPostgresServer({ fsync: true });
  parts.defer(() => server.stop());
  const broker = await startOurs('commit');
  parts.defer(() => broker.stop());
  const database = await createTestDatabase(server.url);
  parts.defer(() => database.drop());
  await migrate(database.sql, [
    { library: 'streaming-core', folder: streamingCoreMigrations },
    { library: 'service-chassis', folder: join(workspace, 'libs/service-chassis/migrations') },
    { library: 'logs', folder: join(workspace, 'apps/logs/src/migrations') },
  ]);
  const bootstrapServer = `127.0.0.1:${broker.port}`;
  const admin = parts.use(
    asDisposable(connectAdmin({ bootstrapServers: [bootstrapServer], clientId: 'bench' })),
  );
  await admin.topics.create([topicAlone, topic].map((name) => ({ name, partitions })));
  const startApp = (linesPerSecondMax: number) =>
    runServiceProcess(join(workspace, 'apps/logs/src'), {
      NODE_OPTIONS: '--max-semi-space-size=16', // as `npm start` runs it
      LOGS_PORT: '0',
      LOGS_INSTANCE: 'logs-1',
      LOGS_DATABASE_URL: database.url,
      LOGS_STATE_DIR: stateDir,
      KAFKA_BOOTSTRAP_SERVERS: bootstrapServer,
      SINK_LINES_PER_SECOND_MAX: String(linesPerSecondMax),
    });

  const alone = acknowledged(await produce({ ...load, bootstrapServer, topic: topicAlone }));
  say(`without the sink: ${JSON.stringify(alone)}`);
  const held = startApp(load.heldAt);
  parts.defer(() => held.kill('SIGKILL'));
  await held.ready;
  const produced = await produce({ ...load, bootstrapServer, topic });
  const beside = acknowledged(produced);
  const lag = beside.lines - (await indexedOffsets(database.sql));
  say(`beside the sink: ${JSON.stringify(beside)}; ${lag} lines wait`);
  const brokerPeakMb = memoryOf(broker.pid).peakMb;
  const heldPeakMb = memoryOf(held.pid).peakMb;
  held.kill('SIGTERM');
  await held.ended;

  const released = startApp(0);
  parts.defer(() => released.kill('SIGKILL'));
  const { url } = await released.ready;
  const releasedAt = performance.now();
  const waiting = beside.lines - (await indexedOffsets(database.sql));
  while ((await indexedOffsets(database.sql)) < beside.lines) {
    if (performance.now() - releasedAt > drainMsMax) throw new Error('the lag does not return to 0');
    await wait(50);
  }
  const drainSeconds = (performance.now() - releasedAt) / 1_000;
  say(`${waiting} lines indexed in ${round(drainSeconds)} s`);
  const { rows } = await database.sql.query<{ count: number; checksum: string }>(
    `SELECT count(*)::integer AS count, sum(crc32(convert_to(line, 'UTF8')))::text AS checksum FROM log_line`,
  );
  const searchedAt = performance.now();
  const answer = await fetch(`${url}/logs?level=error&q=${encodeURIComponent(needle)}`);
  const { items } = (await answer.json()) as { readonly items: readonly object[] };
  return {
    ...load,
    alone,
    beside,
    brokerPeakMb,
    indexerPeakMb: Math.max(heldPeakMb, memoryOf(released.pid).peakMb),
    lag,
    drainSeconds,
    drainedPerSecond: waiting / drainSeconds,
    indexed: rows[0]?.count ?? 0,
    sameChecksum:
      rows[0]?.checksum === String(produced.reduce((total, each) => total + BigInt(each.checksum), 0n)),
    plantedFound: items.length,
    searchMs: performance.now() - searchedAt,
  };
}

const asDisposable = <Closed extends { close(): Promise<void> }>(closed: Closed): Closed & AsyncDisposable =>
  Object.assign(closed, { [Symbol.asyncDispose]: () => closed.close() });

interface Producing extends LogsLoad, Pick<ProduceRun, 'bootstrapServer' | 'topic'> {}

const produce = ({
  perSecond,
  seconds,
  bootstrapServer,
  topic: to,
}: Producing): Promise<readonly Produced[]> =>
  Promise.all(
    producers.map(async (service, index) => {
      const run: ProduceRun = {
        bootstrapServer,
        topic: to,
        service,
        perSecond: perSecond / producers.length,
        seconds,
        planted: index === 0,
      };
      const program = programCommand('test/bench/src/logs/produce.program.ts');
      const { stdout } = await promisify(execFile)(process.execPath, [...program, JSON.stringify(run)]);
      return JSON.parse(stdout) as Produced;
    }),
  );

function acknowledged(produced: readonly Produced[]): Acknowledged {
  const latencies = produced.flatMap(({ latenciesMs }) => latenciesMs).toSorted((one, other) => one - other);
  return {
    lines: sum(produced.map(({ lines }) => lines)),
    perSecond: Math.round(sum(produced.map(({ lines, seconds }) => lines / seconds))),
    cpuUs: round((sum(produced.map(({ cpuMs }) => cpuMs)) * 1_000) / sum(produced.map(({ lines }) => lines))),
    p50Ms: round(percentile(latencies, 0.5)),
    p99Ms: round(percentile(latencies, 0.99)),
    maxMs: round(latencies.at(-1) ?? NaN),
  };
}

async function indexedOffsets(database: SqlDatabase): Promise<number> {
  const { rows } = await database.query<{ offsets: string }>(
    'SELECT coalesce(sum(next_offset), 0) AS offsets FROM consumer_offset',
  );
  return Number(rows[0]?.offsets);
}
