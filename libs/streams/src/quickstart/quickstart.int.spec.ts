import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { startLogWorld } from '../runtime/log-world.fixture.ts';

const program = programCommand('libs/streams/src/quickstart/orders-per-minute.program.ts');

describe('the program of the README', () => {
  it('T17 counts the orders of a minute, and separates the late one', async () => {
    await using world = await startLogWorld();

    const { stdout } = await promisify(execFile)(process.execPath, program, {
      env: {
        ...programEnvironment(),
        KAFKA_BOOTSTRAP_SERVERS: world.bootstrapServers.join(),
        STATE_DIR: join(world.folder, 'state'),
      },
    });

    expect(stdout).toMatch(/^lamp \S+:00\.000Z 2\n$/);
    const [late] = await world.committedOf('late-orders', 1);
    expect(String(late?.value)).toBe('{"sku":"lamp","quantity":1}');
  });
});
