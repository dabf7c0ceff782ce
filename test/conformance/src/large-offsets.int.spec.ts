import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kcat } from '@millrace/testing/kcat';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { createTopics, WireClient } from '@millrace/streaming-core/protocol';

/** The first whole number that a double cannot represent is 2^53 + 1. */
const first = 2n ** 53n + 1n;
const nearTheEnd = 2n ** 63n - 3n;

describe('a log with offsets that JavaScript numbers cannot represent', () => {
  let broker: BrokerOnFolder;
  let address: string;

  beforeAll(async () => {
    broker = await openBroker();
    address = broker.address;
    for (const name of ['large', 'in-groups', 'largest'])
      await broker.makeTopic(name, { 'segment.bytes': String(1 << 20), 'index.interval.bytes': '100' });
    await broker.restart(() => {
      for (const name of ['large', 'in-groups']) beginLogAt(broker.dataFolder, name, 0, first);
      beginLogAt(broker.dataFolder, 'largest', 0, nearTheEnd);
    });
  });
  afterAll(() => broker?.stop());

  const produce = (topic: string, ...values: string[]) =>
    kcat(
      ['-b', address, '-P', '-t', topic, '-p', '0', '-X', 'batch.num.messages=1'],
      values.map((value) => `${value}\n`).join(''),
    );
  const consume = async (topic: string, ...options: string[]) =>
    (await kcat(['-b', address, '-C', '-t', topic, '-p', '0', '-e', '-q', '-f', '%o=%s ', ...options]))
      .replaceAll(padding, '')
      .trim()
      .split(' ');

  /** Five of these fill a segment. */
  const padding = 'x'.repeat(200_000);

  it('L22 is written and read by kcat across segments and indexes, from the start, from an offset and by time', async () => {
    const values = Array.from({ length: 12 }, (_, index) => `value-${index}`);
    const expected = values.map((value, index) => `${first + BigInt(index)}=${value}`);
    await produce('large', ...values.map((value) => value + padding));
    const files = readdirSync(join(broker.dataFolder, 'large-0'));
    expect(files.filter((name) => name.endsWith('.log')).length).toBeGreaterThan(2);
    expect(await consume('large', '-o', 'beginning')).toEqual(expected);
    expect(await consume('large', '-o', String(first + 7n))).toEqual(expected.slice(7));
    expect(await consume('large', '-o', 's@1')).toEqual(expected);
    expect(await kcat(['-b', address, '-Q', '-t', 'large:0:-1'])).toContain(String(first + 12n));
    await broker.restart();
    expect(await consume('large', '-o', 'beginning')).toEqual(expected);
  });

  it('L22 is continued by a group at its committed offset, also after a restart', async () => {
    const topic = 'in-groups';
    const values = Array.from({ length: 9 }, (_, index) => `value-${index}`);
    await produce(topic, ...values);
    const readAs = async (count: number) =>
      (
        await kcat([
          '-b',
          address,
          '-G',
          'shop',
          '-c',
          `${count}`,
          '-q',
          '-X',
          'auto.offset.reset=earliest',
          '-f',
          '%o=%s ',
          topic,
        ])
      )
        .trim()
        .split(' ');
    const expected = values.map((value, index) => `${first + BigInt(index)}=${value}`);
    expect(await readAs(3)).toEqual(expected.slice(0, 3));
    expect(await readAs(2)).toEqual(expected.slice(3, 5));
    await broker.restart();
    expect(await readAs(4)).toEqual(expected.slice(5));
  });

  it('L22 ends at 2^63', async () => {
    await produce('largest', 'a', 'b');
    expect(await consume('largest', '-o', 'beginning')).toEqual([`${nearTheEnd}=a`, `${nearTheEnd + 1n}=b`]);
  });
});

/**
 * Makes a log begin at any offset. It takes a new, empty partition of a stopped broker, gives its
 * first segment the name of that offset, and writes the checkpoints that belong to it.
 */
function beginLogAt(dataFolder: string, topic: string, partition: number, offset: bigint): void {
  const folder = join(dataFolder, `${topic}-${partition}`);
  for (const name of readdirSync(folder)) if (/^\d{20}\./.test(name)) rmSync(join(folder, name));
  writeFileSync(join(folder, `${String(offset).padStart(20, '0')}.log`), '');
  for (const file of ['recovery-point-offset-checkpoint', 'log-start-offset-checkpoint']) {
    const path = join(dataFolder, file);
    const entries = readFileSync(path, 'utf8').trimEnd().split('\n').slice(2);
    const others = entries.filter((entry) => !entry.startsWith(`${topic} ${partition} `));
    writeFileSync(
      path,
      ['0', others.length + 1, ...others, `${topic} ${partition} ${offset}`, ''].join('\n'),
    );
  }
}

interface BrokerOnFolder {
  readonly dataFolder: string;
  /** `127.0.0.1:PORT`. It stays the same after a restart. */
  readonly address: string;
  makeTopic(name: string, configs: Readonly<Record<string, string>>): Promise<void>;
  /** Restarts the broker. `whileDown` may change the folder in between. */
  restart(whileDown?: () => void): Promise<void>;
  /** Stops the broker and deletes the data. */
  stop(): Promise<void>;
}

async function openBroker(): Promise<BrokerOnFolder> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-kcat-'));
  const forget = () => rm(dataFolder, { recursive: true, force: true });
  const start = (port: number) => startBroker({ dataFolder, port, flush: 'none' });
  let broker = await start(0).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  return {
    dataFolder,
    address: `${broker.host}:${broker.port}`,
    makeTopic: (name, configs) => makeTopic(broker, name, configs),
    async restart(whileDown) {
      await broker.close();
      whileDown?.();
      broker = await start(broker.port);
    },
    stop: () => broker.close().finally(forget),
  };
}

async function makeTopic(
  broker: Broker,
  name: string,
  configs: Readonly<Record<string, string>>,
): Promise<void> {
  const client = await WireClient.connect(broker);
  const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const { topics } = await client.send(createTopics, 7, {
    topics: [{ name, numPartitions: 1, replicationFactor: 1, configs: settings }],
  });
  client.close();
  if (topics[0]?.errorCode !== 0)
    throw new Error(`${name} was not created: ${topics[0]?.errorMessage ?? 'no answer'}`);
}
