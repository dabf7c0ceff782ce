import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { adjustableLogger, parquetSink, pluginTable, restInterface, startWorker } from '@millrace/connect';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

/** The files that the Parquet sink writes of `order-events`, and what DuckDB finds in them. */
export interface OrderFiles extends AsyncDisposable {
  /** The table of the events, for a query. */
  readonly events: string;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Runs a worker with the sink, as `npm start -- --with connect` does, until it is disposed. */
export async function writeOrderFiles(bootstrapServers: string): Promise<OrderFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-in-parquet-'));
  const worker = await startWorker({
    connection: { bootstrapServers: [bootstrapServers], clientId: 'orders-in-parquet', logger: silentLogger },
    groupId: 'connect-cluster',
    url: 'http://127.0.0.1:8083',
    plugins: pluginTable({ connectors: [parquetSink] }),
    logger: silentLogger,
  });
  const { levels } = adjustableLogger(silentLogger, systemClock);
  const rest = restInterface({ worker, levels, logger: silentLogger });
  const connection = await (await DuckDBInstance.create()).connect();
  const dispose = async () => {
    connection.closeSync();
    await worker.close();
    await rm(folder, { recursive: true, force: true });
  };
  const { status, body } = await rest({
    method: 'PUT',
    url: '/connectors/order-files/config',
    body: { 'connector.class': 'parquet-sink', topics: 'order-events', path: folder, 'roll.ms': '500' },
    forwarded: false,
  });
  if (status >= 300) {
    await dispose();
    throw new Error(JSON.stringify(body));
  }
  return {
    events: `read_parquet('${folder}/*/*/*.parquet', union_by_name = true)`,
    query: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    [Symbol.asyncDispose]: dispose,
  };
}

/** What `npm run analytics-batch` prints. */
export async function analyticsBatch(bootstrapServers: string): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    programCommand('apps/analytics/src/batch/main.ts'),
    { env: { ...programEnvironment(), KAFKA_BOOTSTRAP_SERVERS: bootstrapServers } },
  );
  return JSON.parse(stdout) as Record<string, unknown>;
}
