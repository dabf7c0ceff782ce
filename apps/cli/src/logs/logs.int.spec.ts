import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { millrace, millraceJson } from '../cli.fixture.ts';
import type { LogLine } from './logs.ts';

const line = (level: string, second: number, msg: string, fields: object = {}): string =>
  `${JSON.stringify({ level, time: `2026-11-22T09:00:0${second}.000Z`, service: 'order', ...fields, msg })}\n`;

describe('millrace logs', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-logs-'));
    const logFolder = join(folder, 'logs');
    mkdirSync(logFolder);
    writeFileSync(join(folder, 'places.json'), JSON.stringify({ version: 1, pid: process.pid, logFolder }));
    writeFileSync(join(logFolder, 'order.log.1'), line('error', 1, 'before the rotation'));
    const order = line('info', 2, 'ready') + line('warn', 4, 'retrying', { correlationId: 'c-7' });
    writeFileSync(join(logFolder, 'order.log'), `${order}{"half a li\n`);
    writeFileSync(join(logFolder, 'payment.log'), line('fatal', 3, 'out of memory'));
    writeFileSync(join(logFolder, 'postgres.log'), 'LOG:  ready\nFATAL:  no such database\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const messages = async (...args: readonly string[]) =>
    (await millraceJson<readonly LogLine[]>(['logs', ...args, '--data', folder])).map(
      ({ message }) => message,
    );

  it('shows warnings and errors of every process in the order of time, rotated lines too', async () => {
    expect(await messages()).toEqual([
      'FATAL:  no such database',
      'before the rotation',
      'out of memory',
      'retrying',
    ]);
  });

  it('shows the last lines of one process, of a lower level, or with a text', async () => {
    expect(await messages('order', '--level', 'info', '--limit', '2')).toEqual(['ready', 'retrying']);
    expect(await messages('order', '--match', 'c-7')).toEqual(['retrying']);
    expect((await millrace(['logs', 'order', '--data', folder])).out).toMatch(
      /^2026-11-22T09:00:04.000Z +order +warn +retrying +\{.*"correlationId":"c-7"/m,
    );
  });

  it('says which logs there are, and how to see more', async () => {
    expect(await millrace(['logs', 'ordr', '--data', folder])).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('it has those of order, payment, postgres'),
    });
    expect((await millrace(['logs', '--match', 'nothing', '--data', folder])).err).toContain('--level info');
  });
});
