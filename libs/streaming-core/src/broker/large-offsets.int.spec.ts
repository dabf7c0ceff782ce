import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kcat } from '@millrace/testing';
import { beginLogAt } from './log-at-offset.fixture.ts';
import { createLogManager } from '../log/log-manager.ts';
import { startBroker, type Broker } from './start-broker.ts';

/** The first whole number that a double cannot hold is 2^53 + 1. */
const first = 2n ** 53n + 1n;
const nearTheEnd = 2n ** 63n - 3n;

describe('a log beyond the numbers of JavaScript', () => {
  let dataFolder: string;
  let broker: Broker;
  let address: string;

  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'millrace-large-offsets-'));
    const logs = await createLogManager({ dataFolder });
    for (const name of ['large', 'in-groups', 'largest']) {
      const configs = new Map([['segment.bytes', '300'], ['index.interval.bytes', '100']]); // prettier-ignore
      await logs.createTopic({ name, partitions: 1, configs });
    }
    await logs.close();
    for (const name of ['large', 'in-groups']) beginLogAt(dataFolder, name, 0, first);
    beginLogAt(dataFolder, 'largest', 0, nearTheEnd);
    broker = await startBroker({ dataFolder, port: 0, flush: 'none' });
    address = `${broker.host}:${broker.port}`;
  });
  afterAll(async () => {
    await broker?.close();
    await rm(dataFolder, { recursive: true, force: true });
  });

  const produce = (topic: string, ...values: string[]) =>
    kcat(
      ['-b', address, '-P', '-t', topic, '-p', '0', '-X', 'batch.num.messages=1'],
      values.map((value) => `${value}\n`).join(''),
    );
  const consume = async (topic: string, ...options: string[]) =>
    (await kcat(['-b', address, '-C', '-t', topic, '-p', '0', '-e', '-q', '-f', '%o=%s ', ...options]))
      .trim()
      .split(' ');

  it('is written and read by kcat, over segments and indexes, from the start, from an offset and by time', async () => {
    const values = Array.from({ length: 12 }, (_, index) => `value-${index}`);
    const expected = values.map((value, index) => `${first + BigInt(index)}=${value}`);
    await produce('large', ...values);
    expect(await consume('large', '-o', 'beginning')).toEqual(expected);
    expect(await consume('large', '-o', String(first + 7n))).toEqual(expected.slice(7));
    expect(await consume('large', '-o', 's@1')).toEqual(expected);
    expect(await kcat(['-b', address, '-Q', '-t', 'large:0:-1'])).toContain(String(first + 12n));
    await broker.close();
    broker = await startBroker({ dataFolder, port: broker.port, flush: 'none' });
    expect(await consume('large', '-o', 'beginning')).toEqual(expected);
  });

  it('is gone on with by a group at the offset that it has committed, after a restart too', async () => {
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
    await broker.close();
    broker = await startBroker({ dataFolder, port: broker.port, flush: 'none' });
    expect(await readAs(4)).toEqual(expected.slice(5));
  });

  it('ends at 2^63', async () => {
    await produce('largest', 'a', 'b');
    expect(await consume('largest', '-o', 'beginning')).toEqual([`${nearTheEnd}=a`, `${nearTheEnd + 1n}=b`]);
  });
});
