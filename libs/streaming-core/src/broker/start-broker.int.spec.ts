import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf, makeTopic, produceBatch } from './broker.fixture.ts';
import { startBroker } from './start-broker.ts';

const workspace = join(import.meta.dirname, '../../../..');

describe('a broker that is told a port alone', () => {
  it('serves, and leaves nothing behind', async () => {
    const broker = await startBroker({ port: 0 });
    const client = await WireClient.connect(broker);
    await makeTopic(client, 'orders');
    expect((await produceBatch(client, { topic: 'orders' }, batchOf(['a']))).baseOffset).toBe(0n);
    expect(existsSync(join(broker.dataFolder, 'orders-0'))).toBe(true);
    client.close();

    await Promise.all([broker.close(), broker.close()]);
    expect(existsSync(broker.dataFolder)).toBe(false);
  });

  it('says so where there is no such port', async () => {
    await expect(startBroker({ port: 70_000 })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/127\.0\.0\.1:70000: .*65536/),
    });
  });

  it('has a log of its own beside others', async () => {
    const [one, other] = await Promise.all([startBroker({ port: 0 }), startBroker({ port: 0 })]);
    expect(one.dataFolder).not.toBe(other.dataFolder);
    await Promise.all([one.close(), other.close()]);
  });
});

/** Nothing here ends the process. */
const program = `
  const { startBroker } = await import('./libs/streaming-core/src/broker/index.ts');
  const refused = await startBroker({ port: 0, properties: { 'num.partitions': '0' } }).catch(({ code }) => code);
  const broker = await startBroker({ port: 0 });
  await broker.close();
  console.log(JSON.stringify({ refused, dataFolder: broker.dataFolder }));
`;

describe('a plain program that starts and closes a broker', () => {
  let temporary: string;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'millrace-start-'));
  });
  afterEach(() => rm(temporary, { recursive: true, force: true }));

  it('ends by itself, with no folder left over, not even of a start that was refused', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@millrace/source', '--no-warnings', '--input-type=module', '-e', program],
      { cwd: workspace, env: { PATH: process.env.PATH, TMPDIR: temporary }, timeout: 60_000 },
    );
    expect(JSON.parse(stdout)).toEqual({
      refused: 'CONFIG_INVALID',
      dataFolder: expect.stringMatching(temporary),
    });
    expect(await readdir(temporary)).toEqual([]);
  });
});
