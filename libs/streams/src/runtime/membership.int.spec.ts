import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { startStreamsProcess } from './streams-process.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

describe('a process whose tasks have slow callbacks', () => {
  it('stays in its group, since heartbeats have their turn after each of them', async () => {
    const tasks = 4;
    await world.createTopic('slow-input', tasks);
    const stateDir = join(world.folder, 'slow');
    const [broker = ''] = world.bootstrapServers;
    await using app = startStreamsProcess('./slow-callbacks.program.ts', [
      broker,
      'slow',
      stateDir,
      String(tasks),
    ]);

    let line = await app.line();
    while (!line.endsWith('rebalances')) line = await app.line();

    expect(line).toBe('0 rebalances');
  }, 60_000);
});
