import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startKafka } from '@millrace/testing/kafka';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { initProducerId } from '../../protocol/apis/transactions.ts';
import { WireClient } from '../../protocol/testing/wire-client.ts';
import { startBroker } from '../start-broker.ts';
import { readCommitted, TransactionalSession } from '../transactional-session.fixture.ts';
import { append, makeTopic, nowMs, records } from './contents.fixture.ts';
import { survey } from './survey.fixture.ts';

/**
 * The partition files that one engine wrote are placed under the same topic of the other engine.
 * Each engine keeps its own list of topics and its own `partition.metadata`.
 */
const engines = ['Apache Kafka', 'Millrace'] as const;
type EngineName = (typeof engines)[number];
const topicOf: Readonly<Record<EngineName, string>> = { 'Apache Kafka': 'by-kafka', Millrace: 'by-millrace' };
const configs = [
  { name: 'segment.bytes', value: '1048576' }, // the minimum of Apache Kafka
  { name: 'retention.ms', value: '-1' },
];

interface Engine {
  client(): Promise<WireClient>;
  /** Resolves once its files no longer change. */
  stop(): Promise<void>;
  start(): Promise<void>;
  end(): Promise<void>;
  readonly logFolder: string;
}

const folders: string[] = [];
const clients: WireClient[] = [];

async function connected(host: string, port: number): Promise<WireClient> {
  const client = await WireClient.connect({ host, port });
  clients.push(client);
  return client;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-partitions-'));
  folders.push(folder);
  return folder;
}

async function apacheKafka(): Promise<Engine> {
  const folder = newFolder();
  const { bootstrapServers, stop, control } = await startKafka({ folder });
  const [host = '', port = ''] = bootstrapServers[0]!.split(':');
  const logFolder = join(folder, 'data');
  return {
    client: () => connected(host, Number(port)),
    stop,
    start: () => control.start(),
    end: () => control.kill(),
    logFolder,
  };
}

async function millrace(): Promise<Engine> {
  const dataFolder = newFolder();
  const start = () => startBroker({ dataFolder, port: 0 });
  let broker = await start();
  return {
    client: () => connected(broker.host, broker.port),
    stop: () => broker.close(),
    start: async () => void (broker = await start()),
    end: () => broker.close(),
    logFolder: dataFolder,
  };
}

describe("a partition's files", () => {
  let running: Readonly<Record<EngineName, Engine>> | undefined;
  const written = new Map<EngineName, Written>();

  beforeAll(async () => {
    const both = { 'Apache Kafka': await apacheKafka(), Millrace: await millrace() };
    running = both;
    for (const name of engines) written.set(name, await fill(both[name], topicOf[name]));
    for (const name of engines)
      await makeTopic(await both[otherThan(name)].client(), topicOf[name], 1, configs);
    for (const client of clients.splice(0)) client.close();
    for (const name of engines) await both[name].stop();
    for (const name of engines) moveFiles(topicOf[name], both[name], both[otherThan(name)]);
    for (const name of engines) await both[name].start();
  }, 240_000);

  afterAll(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const name of engines) await running?.[name].end();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  describe.each(engines)('written by %s and opened by the other', (writer) => {
    const topic = topicOf[writer];
    const reader = () => running![otherThan(writer)].client();

    it('show the same batches byte by byte, the same last stable offset, and the same aborted transactions', async () => {
      const { seen, transactions } = written.get(writer)!;
      const found = await look(await reader(), topic, transactions);
      expect(found).toEqual(seen);
      const [aborted, committed] = found.committed;
      expect(aborted).toMatchObject({ aborted: [{ firstOffset: transactions[0] }] });
      expect(aborted?.values).not.toContain('aborted');
      expect(committed?.values.slice(0, 2)).toEqual(['committed', 'more']);
      expect(committed?.lastStableOffset).toBe(transactions[2]);
    });

    it('restore the idempotent producer, and continue after the last record', async () => {
      const { seen, batch, baseOffset } = written.get(writer)!;
      const client = await reader();
      expect(await append(client, topic, 0, batch)).toBe(baseOffset);
      expect(`${await append(client, topic, 0, encodeBatch(records(1), { timestampMs: nowMs() }))}`).toBe(
        seen.logs[0]?.endOffset,
      );
    });
  });
});

const otherThan = (name: EngineName): EngineName => (name === 'Millrace' ? 'Apache Kafka' : 'Millrace');

interface Written {
  readonly seen: Awaited<ReturnType<typeof look>>;
  /** The last batch of an idempotent producer. */
  readonly batch: Buffer;
  readonly baseOffset: bigint;
  /** The first offsets of the transactions: one aborted, one committed, one open. */
  readonly transactions: readonly bigint[];
}

async function fill(engine: Engine, topic: string): Promise<Written> {
  const client = await engine.client();
  await makeTopic(client, topic, 1, configs);
  const written = await write(client, topic);
  return { ...written, seen: await look(client, topic, written.transactions) };
}

async function write(client: WireClient, topic: string): Promise<Omit<Written, 'seen'>> {
  for (const codec of ['none', 'gzip', 'zstd'] as const)
    await append(client, topic, 0, encodeBatch(records(5), { timestampMs: nowMs(), codec }));
  const aborted = await transaction(client, topic, 'aborted', false);
  for (let index = 0; index < 4; index += 1)
    await append(
      client,
      topic,
      0,
      encodeBatch([{ value: Buffer.alloc(400_000, index) }], { timestampMs: nowMs() }),
    );
  const committed = await transaction(client, topic, 'committed', true);
  const { producerId, producerEpoch } = await client.send(initProducerId, 1, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  const batches = [0, 3, 6].map((baseSequence) =>
    encodeBatch(records(3), { timestampMs: nowMs(), producerId, producerEpoch, baseSequence }),
  );
  let baseOffset = -1n;
  for (const batch of batches) baseOffset = await append(client, topic, 0, batch);
  const open = await transaction(client, topic, 'open', undefined);
  return { batch: batches.at(-1)!, baseOffset, transactions: [aborted, committed, open] };
}

/** Returns the offset of its first record. */
async function transaction(
  client: WireClient,
  topic: string,
  transactionalId: string,
  committed: boolean | undefined,
): Promise<bigint> {
  const session = new TransactionalSession(client, transactionalId);
  await session.find(1);
  const producer = await session.init({ timeoutMs: 900_000 });
  await session.add(producer, topic, 0);
  const { baseOffset } = await session.produce(producer, topic, {
    sequence: 0,
    values: [transactionalId, 'more'],
  });
  if (committed === undefined) return baseOffset;
  await session.end(producer, committed);
  await session.settled(committed ? 'CompleteCommit' : 'CompleteAbort');
  return baseOffset;
}

async function look(client: WireClient, topic: string, offsets: readonly bigint[]) {
  const { logs } = await survey(client, { topics: { [topic]: 1 }, groups: [] });
  const committed = [];
  for (const offset of offsets) committed.push(await readCommitted(client, topic, { offset }));
  return { logs, committed };
}

function moveFiles(topic: string, source: Engine, target: Engine): void {
  const from = join(source.logFolder, `${topic}-0`);
  const to = join(target.logFolder, `${topic}-0`);
  const files = (folder: string) => readdirSync(folder).filter((name) => name !== 'partition.metadata');
  for (const name of files(to)) rmSync(join(to, name));
  for (const name of files(from)) cpSync(join(from, name), join(to, name));
}
