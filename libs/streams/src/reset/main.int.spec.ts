import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

const run = promisify(execFile);
const reset = (...args: readonly string[]) =>
  run(process.execPath, [...programCommand('libs/streams/src/reset/main.ts'), ...args], {
    env: programEnvironment(),
  });

let broker: TestBroker;
let stateDir = '';
beforeAll(async () => {
  broker = await startTestBroker();
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-reset-'));
});
afterAll(async () => {
  await broker.stop();
  rmSync(stateDir, { recursive: true });
});

describe('the program that resets an application', () => {
  it('says what it would do, does it, and then finds nothing to do', async () => {
    const { bootstrapServers } = broker;
    const admin = connectAdmin({ bootstrapServers: [bootstrapServers], clientId: 'reset' });
    await admin.topics.create([{ name: 'shop-counts-changelog', partitions: 1, replicationFactor: 1 }]);
    await admin.close();
    const stateFolder = join(stateDir, 'shop');
    mkdirSync(stateFolder);
    const line = [
      '--application-id',
      'shop',
      '--bootstrap-servers',
      bootstrapServers,
      '--state-dir',
      stateDir,
    ];

    const dry = await reset(...line, '--dry-run');
    expect(dry.stdout).toBe(
      `would delete topic shop-counts-changelog\nwould delete state folder ${stateFolder}\n`,
    );
    expect(existsSync(stateFolder)).toBe(true);

    const real = await reset(...line);
    expect(real.stdout).toBe(`deleted topic shop-counts-changelog\ndeleted state folder ${stateFolder}\n`);
    expect(existsSync(stateFolder)).toBe(false);

    expect((await reset(...line)).stdout).toBe('nothing to reset\n');
  });

  it('changes nothing if the state folder does not exist', async () => {
    const { bootstrapServers } = broker;
    await using admin = connectAdmin({ bootstrapServers: [bootstrapServers], clientId: 'reset' });
    await admin.topics.create([{ name: 'bank-sums-changelog', partitions: 1, replicationFactor: 1 }]);
    const wrong = join(stateDir, 'wrong');
    const line = ['--application-id', 'bank', '--bootstrap-servers', bootstrapServers, '--state-dir', wrong];

    await expect(reset(...line)).rejects.toMatchObject({
      code: 1,
      stderr: `streams-reset: --state-dir ${wrong} does not exist: give the folder that the application has as stateDir\n`,
    });
    expect((await admin.topics.list()).map(({ name }) => name)).toContain('bank-sums-changelog');
  });

  it('shows its options, and names a wrong option in one line', async () => {
    expect((await reset('--help')).stdout).toContain('npm run streams-reset -- --application-id ID');
    await expect(reset('--to-latest')).rejects.toMatchObject({
      code: 1,
      stderr: 'streams-reset: --application-id is missing: name the application\n',
    });
  });
});
