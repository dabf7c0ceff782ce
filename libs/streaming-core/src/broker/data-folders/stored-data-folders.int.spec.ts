import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/clock.ts';
import { WireClient } from '../../protocol/testing/wire-client.ts';
import { startBroker, type Broker } from '../start-broker.ts';
import { committedOffset, readCommitted, TransactionalSession } from '../transactional-session.fixture.ts';
import { append, type Duplicate } from './contents.fixture.ts';
import { survey, type Place } from './survey.fixture.ts';
import { preparedTopic } from './transactional-contents.fixture.ts';

/** The file that `write-data-folder.program.ts` wrote beside the folder. */
interface Written {
  readonly writtenAtMs: number;
  readonly duplicates: readonly Duplicate[];
  readonly expected: ReadonlyArray<{ readonly place: Place; readonly seen: unknown }>;
}

/** Every format that this broker reads. */
const formats = [2];
const written = (format: number) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `format-${format}.json`), 'utf8')) as Written;

const folders: string[] = [];
let broker: Broker | undefined;
let client: WireClient | undefined;

async function stop(): Promise<void> {
  client?.close();
  await broker?.close();
}

afterEach(async () => {
  await stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The folder as this platform would have written it, whatever name it has: a fork cannot rename the archive. */
function unpacked(format: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-format-'));
  folders.push(folder);
  execFileSync('tar', ['-xzf', join(import.meta.dirname, `format-${format}.tar.gz`), '-C', folder]);
  const properties = join(folder, 'meta.properties');
  const text = readFileSync(properties, 'utf8');
  writeFileSync(properties, text.replace(/^\w+(?=\.format\.version=)/m, 'millrace'));
  return folder;
}

/** Sets the clock to the time when the folder was written, so that nothing has expired since. */
async function serve(dataFolder: string, writtenAtMs: number): Promise<WireClient> {
  const behindMs = Date.now() - writtenAtMs;
  const clock = { ...systemClock, now: () => systemClock.now() - behindMs };
  broker = await startBroker({
    dataFolder,
    port: 0,
    clock,
    properties: { 'log.cleaner.backoff.ms': '3600000' },
  });
  client = await WireClient.connect(broker);
  return client;
}

const formatOf = (folder: string) =>
  /^millrace\.format\.version=(\d+)$/m.exec(readFileSync(join(folder, 'meta.properties'), 'utf8'))?.[1];

describe.each(formats)('the data folder of a killed broker with format %i', (format) => {
  const { writtenAtMs, duplicates, expected } = written(format);

  it('L25 shows clients what they saw before: records byte by byte, offsets and groups, also after another start', async () => {
    const folder = unpacked(format);
    for (let start = 1; start <= 2; start += 1) {
      const reader = await serve(folder, writtenAtMs);
      for (const { place, seen } of expected) expect(await survey(reader, place)).toEqual(seen);
      await stop();
    }
    expect(formatOf(folder)).toBe('2');
  });

  it('restores its idempotent producers: what they send again is not stored again', async () => {
    const writer = await serve(unpacked(format), writtenAtMs);
    for (const { topic, partition, batch, baseOffset } of duplicates)
      expect(await append(writer, topic, partition, Buffer.from(batch, 'base64'))).toBe(BigInt(baseOffset));
    for (const { place, seen } of expected) expect(await survey(writer, place)).toEqual(seen);
  });
});

describe('the transactions in a data folder of format 2', () => {
  const { writtenAtMs } = written(2);

  it('are restored: committed, aborted or still open, and a decided end is written', async () => {
    const reader = await serve(unpacked(2), writtenAtMs);
    const state = async (transactionalId: string) =>
      (await new TransactionalSession(reader, transactionalId).state()).transactionState;
    expect(await state('committed')).toEqual('CompleteCommit');
    expect(await state('aborted')).toEqual('CompleteAbort');
    expect(await state('open')).toEqual('Ongoing');
    await new TransactionalSession(reader, 'prepared').settled('CompleteCommit');
    expect(await readCommitted(reader, preparedTopic)).toMatchObject({
      values: ['prepared'],
      lastStableOffset: 2n,
    });
    for (const partition of [0, 1])
      expect((await readCommitted(reader, 'ledger', { partition })).values).toEqual(['committed', 'more']);
    expect(await committedOffset(reader, { groupId: 'of-transactions', topic: 'ledger' })).toBe(
      'UNSTABLE_OFFSET_COMMIT',
    );
  });

  it('can be ended: the open one by its producer, with its offsets', async () => {
    const reader = await serve(unpacked(2), writtenAtMs);
    const session = new TransactionalSession(reader, 'open');
    const { producerId, transactionStartTimeMs } = await session.state();
    expect(Number(transactionStartTimeMs)).toBeLessThan(writtenAtMs);
    expect(await session.end({ producerId, producerEpoch: 0 }, true)).toMatchObject({ name: 'NONE' });
    await session.settled('CompleteCommit');
    expect((await readCommitted(reader, 'ledger')).values).toEqual(['committed', 'more', 'open', 'more']);
    expect(await committedOffset(reader, { groupId: 'of-transactions', topic: 'ledger' })).toBe(2n);
  });
});

describe('a data folder of a newer format', () => {
  it('is rejected with an error that names the broker to use', async () => {
    const folder = unpacked(2);
    const path = join(folder, 'meta.properties');
    writeFileSync(path, readFileSync(path, 'utf8').replace('format.version=2', 'format.version=3'));
    await expect(startBroker({ dataFolder: folder, port: 0 })).rejects.toThrow(
      /has format version 3, but this broker knows 2: run the newer broker/,
    );
    expect(formatOf(folder)).toBe('3');
  });
});
