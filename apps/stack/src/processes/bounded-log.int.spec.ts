import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLog } from './bounded-log.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-log-'));
  file = join(folder, 'order.log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a log of limited size', () => {
  it('continues where an earlier one ended', async () => {
    for (const line of ['one\n', 'two\n']) {
      const log = openLog(file);
      log.write(line);
      log.close();
    }

    expect(await readFile(file, 'utf8')).toBe('one\ntwo\n');
  });

  it('never takes more than twice its limit, even across restarts, and keeps the latest lines', async () => {
    for (let run = 0; run < 3; run += 1) {
      const log = openLog(file, 100);
      for (let line = 0; line < 50; line += 1) log.write(`run ${run} line ${line}\n`);
      log.close();
    }

    expect((await readdir(folder)).toSorted()).toEqual(['order.log', 'order.log.1']);
    for (const name of await readdir(folder))
      expect((await stat(join(folder, name))).size).toBeLessThanOrEqual(100);
    expect(await readFile(file, 'utf8')).toMatch(/run 2 line 49\n$/);
  });

  it('cuts a chunk that is larger than the limit', async () => {
    const log = openLog(file, 100);
    log.write('x'.repeat(1_000));
    log.close();

    expect((await stat(file)).size).toBe(100);
  });

  it('loses lines rather than the process if it cannot be written', async () => {
    const log = openLog(file, 100);
    log.write('x'.repeat(90));
    await rm(folder, { recursive: true });

    expect(() => log.write('y'.repeat(90))).not.toThrow();
    log.close();
    log.write('after its end');
  });
});
