import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import { startStreamsProcess } from './streams-process.fixture.ts';
import { wordCount } from './word-count.fixture.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-starting-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

/** Closes an application that is starting, and returns how long that took. */
async function closeStarting(app: StreamsApp, start: Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await app.close();
  const tookMs = performance.now() - beganMs;
  await expect(start).rejects.toThrow('the application was closed before its tasks ran');
  expect(app.state).toBe('closed');
  return tookMs;
}

describe.each(['refuses connections', 'never answers'])('a start with a broker that %s', (behaviour) => {
  let server: Server;
  let address: string;
  beforeEach(async () => {
    server = createServer((socket) => void socket.on('error', () => undefined).resume());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (behaviour === 'refuses connections') server.close();
  });
  afterEach(() => void server.close());

  it('says within two seconds what it waits for, and is closed within one', async () => {
    const notices: unknown[] = [];
    const app = connectStreams(wordCount('input', 'output'), {
      applicationId: 'lonely',
      bootstrapServers: [address],
      stateDir,
      logger: { ...silentLogger, warn: (fields, message) => void notices.push({ ...fields, message }) },
    });
    const start = app.start();

    await until(
      () => notices.length,
      (count) => count > 0,
      2_000,
    );
    expect(notices).toEqual([
      expect.objectContaining({
        message: 'waiting for a broker of bootstrapServers',
        bootstrapServers: [address],
      }),
    ]);
    expect(await closeStarting(app, start)).toBeLessThan(1_000);
  });
});

describe('a start that waits for its group', () => {
  let world: LogWorld;
  beforeAll(async () => {
    world = await startLogWorld();
  });
  afterAll(async () => world[Symbol.asyncDispose]());

  it('is closed within a second although a killed member still has its session', async () => {
    const input = 'waiting-input';
    const output = 'waiting-output';
    await world.createTopic(input, 1);
    await world.createTopic(output, 1);
    const place = [world.bootstrapServers[0]!, 'waiting', join(stateDir, 'killed'), input, output];
    const killed = startStreamsProcess('./counting.program.ts', place);
    await killed.line();
    await killed.kill();
    const app = connectStreams(wordCount(input, output), {
      applicationId: 'waiting',
      bootstrapServers: world.bootstrapServers,
      stateDir: join(stateDir, 'other'),
    });
    const start = app.start();
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(app.state).toBe('rebalancing');
    expect(await closeStarting(app, start)).toBeLessThan(1_000);
  });
});
