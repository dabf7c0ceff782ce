import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  checkBooks,
  inWords,
  onceSettled,
  openShop,
  readBooks,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';

const workspace = join(import.meta.dirname, '../../..');
const settleMsMax = 60_000;

describe('a backup', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;
  let backups: string;

  beforeAll(async () => {
    backups = await mkdtemp(join(tmpdir(), 'millrace-backups-'));
    stack = await startStack();
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 100_000 }, accounts: { ada: 10_000_000_00 } });
  });
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
    await rm(backups, { recursive: true, force: true });
  });

  const command = async (name: 'backup' | 'restore' | 'leave-log', ...args: readonly string[]) => {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    const env = { ...inherited, MILLRACE_DATA: stack.dataFolder };
    return promisify(execFile)('npm', ['run', '--silent', name, '--', ...args], { cwd: workspace, env }).then(
      ({ stdout }) => stdout,
      (error: Error & { stderr?: string }) => Promise.reject(new Error(`${name} failed: ${error.stderr}`)),
    );
  };

  const both = (way: 'to' | 'from', name: string): readonly string[] => [
    `--${way}`,
    join(backups, name),
    `--keys-${way}`,
    join(backups, `${name}-keys`),
  ];

  const buy = () => shop.place({ customer: 'ada', lines: { lamp: 1 } });
  /** Three customers keep buying lamps until `what` is done. */
  const during = async (placed: PlacedOrder[], what: () => Promise<void>) => {
    let closed = false;
    const buyers = Array.from({ length: 3 }, async () => {
      while (!closed) {
        placed.push(await buy());
        await sleep(100);
      }
    });
    await what().finally(() => (closed = true));
    await Promise.all(buyers);
  };
  const more = (placed: readonly PlacedOrder[], count: number) => {
    const wanted = placed.length + count;
    return until(`${count} more orders`, settleMsMax, () => placed.length >= wanted);
  };
  const problems = (known: readonly PlacedOrder[]) =>
    onceSettled(async () => {
      const accepted = known.map(({ orderId }) => orderId);
      return checkBooks(
        await readBooks(stack),
        await shop.expected({ accepted, complete: false, cancellations: new Map() }),
      );
    }, settleMsMax).then((found) => found.map(inWords));

  const loseEverything = async () => {
    await stack.crash('everything');
    // PostgreSQL's child processes may write for a moment longer.
    await rm(stack.dataFolder, { recursive: true, maxRetries: 20 });
  };

  it('R15 R19 taken while customers buy holds every earlier order, and the restored system finishes them and accepts new ones', async () => {
    const before: PlacedOrder[] = [];
    const placed: PlacedOrder[] = [];
    await during(placed, async () => {
      await more(placed, 12);
      before.push(...placed);
      await command('backup', ...both('to', 'online'));
      await more(placed, 12);
    });

    await loseEverything();
    await command('restore', ...both('from', 'online'));
    await stack.startAgain();

    expect(await problems(before)).toEqual([]);
    const mails = await readdir(join(backups, 'online/data/mail'));
    expect(mails.length).toBeGreaterThan(0);
    for (const name of mails)
      expect(await readFile(join(backups, 'online/data/mail', name), 'utf8')).toBe('');
    expect(await readdir(join(backups, 'online/data'))).not.toContain('keys');
    const restored = await shop.orders();
    expect(restored.length).toBeLessThan(placed.length);
    const after = await Promise.all(Array.from({ length: 6 }, buy));
    expect(await problems([...restored, ...after])).toEqual([]);
    for (const order of after) await order.endsAs('completed');
  });

  it('R15 R19 of a stopped stack restores everything', async () => {
    const orders = await shop.orders();
    await stack.crash('everything');
    await command('backup', ...both('to', 'stopped'));
    await rm(stack.dataFolder, { recursive: true, maxRetries: 20 });
    expect(await command('restore', '--from', join(backups, 'stopped'))).toContain('it has no keys');
    await expect(stack.startAgain()).rejects.toThrow('was restored without its keys');
    await command('restore', '--keys-from', join(backups, 'stopped-keys'));
    await stack.startAgain();

    const after = await buy();
    await after.endsAs('completed');
    expect(await problems([...orders, after])).toEqual([]);
    expect(await shop.orders()).toHaveLength(orders.length + 1);
  });

  it('is not needed when only the log is lost, since the open orders complete on a new log', async () => {
    const known = await shop.orders();
    const open = await Promise.all(Array.from({ length: 12 }, buy));
    await expect(command('leave-log')).rejects.toThrow('is in use by a running stack');
    await stack.crash('everything');
    expect(await command('leave-log')).toMatch(/^the old log is now in \S+broker-left-\S+\n/);
    await stack.startAgain();

    for (const order of open) await order.endsAs('completed');
    const after = await buy();
    await after.endsAs('completed');
    expect(await problems([...known, ...open, after])).toEqual([]);
  });

  it('never overwrites anything, and neither does a restore', async () => {
    await expect(command('backup', '--to', backups)).rejects.toThrow(
      /backup failed: millrace: \S+ is not empty: name a new folder with --to\n$/,
    );
    await expect(command('backup', '--to', join(stack.dataFolder, 'copy'))).rejects.toThrow(
      'is inside the data folder',
    );
    await expect(command('backup')).rejects.toThrow('name the folder: --to FOLDER');
    await expect(command('restore', '--from', join(backups, 'online'))).rejects.toThrow(
      'is not empty: move it away',
    );
    await expect(command('restore', '--from', stack.dataFolder)).rejects.toThrow('is not a finished backup');
    await expect(command('restore', '--keys-from', join(backups, 'online'))).rejects.toThrow(
      'is not a finished backup of keys',
    );
    await stack.crash('everything');
    await expect(command('restore', '--keys-from', join(backups, 'online-keys'))).rejects.toThrow(
      'already has a PostgreSQL cluster',
    );
  });
});
