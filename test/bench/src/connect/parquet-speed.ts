import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { runServiceProcess, until } from '@millrace/testing/service';

const topic = 'rows';
const sendMax = 5_000;
const waitMsMax = 600_000;

export interface ParquetLoad {
  /** A multiple of the rows of a file. */
  readonly rows: number;
  readonly rounds: number;
}

/** Writes all rows of a topic with a connector of its own in each round, and returns the rows a second. */
export async function measureParquet(
  bootstrapServers: string,
  { rows, rounds }: ParquetLoad,
): Promise<readonly number[]> {
  await using parts = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'millrace-parquet-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  await fill(bootstrapServers, rows);
  const worker = runServiceProcess(join(import.meta.dirname, '../../../../apps/connect/src'), {
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    CONNECT_PORT: '0',
    CONNECT_INSTANCE: 'connect-1',
    LOG_LEVEL: 'error',
  });
  parts.defer(async () => {
    worker.kill('SIGTERM');
    await worker.ended;
  });
  const { url } = await worker.ready;
  const measured: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const name = `parquet-${round}`;
    const path = join(folder, name);
    const config = { 'connector.class': 'millrace.parquet.sink', topics: topic, path };
    await ask(`${url}/connectors`, 'POST', { name, config });
    measured.push(await rate(join(path, topic), rows));
    await ask(`${url}/connectors/${name}`, 'DELETE');
  }
  return measured;
}

async function fill(bootstrapServers: string, rows: number): Promise<void> {
  const connection = { bootstrapServers: [bootstrapServers], clientId: 'bench', logger: silentLogger };
  await using admin = connectAdmin(connection);
  await admin.topics.create([{ name: topic, partitions: 1 }]);
  await using producer = connectProducer(connection);
  for (let first = 0; first < rows; first += sendMax)
    await producer.send(
      Array.from({ length: Math.min(sendMax, rows - first) }, (_, index) => {
        const id = first + index;
        const value = {
          id,
          customer: `customer ${id % 1_000}`,
          note: `a note of some length about row ${id}`,
          amount: id * 1.25,
          paid: id % 3 === 0,
          placedAt: 1_700_000_000_000 + id,
        };
        return { topic, key: `k${id}`, value: JSON.stringify(value) };
      }),
    );
}

/** A worker that shares out its tasks answers 409. */
async function ask(url: string, method: string, body?: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await until(
    () => fetch(url, { method, headers, body: JSON.stringify(body) }),
    ({ status }) => status !== 409,
    waitMsMax,
  );
  if (!response.ok) throw new Error(`${method} ${url}: ${await response.text()}`);
}

/** The rows a second from the first file to the last. The name of a file ends with the offset of its last row. */
async function rate(folder: string, rows: number): Promise<number> {
  const written = async (): Promise<number> => {
    const files = await readdir(folder, { recursive: true }).catch((): string[] => []);
    return Math.max(0, ...files.map((file) => 1 + Number(/-(\d+)\.parquet$/.exec(file)?.[1] ?? -1)));
  };
  const first = await until(written, (count) => count > 0, waitMsMax);
  const from = performance.now();
  await until(written, (count) => count === rows, waitMsMax);
  return ((rows - first) * 1_000) / (performance.now() - from);
}
