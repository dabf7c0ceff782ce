import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { provideOpsToken } from './ops-token.ts';

describe('the token of the operator API', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'millrace-ops-token-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is random, readable only by its owner, and kept', () => {
    const [one, other] = ['one', 'other'].map((name) => join(folder, name));
    provideOpsToken(one!, silentLogger);
    provideOpsToken(other!, silentLogger);
    const token = readFileSync(one!, 'utf8');
    expect(token).toMatch(/^[0-9a-f]{64}\n$/);
    expect(token).not.toBe(readFileSync(other!, 'utf8'));
    expect((statSync(one!).mode & 0o777).toString(8)).toBe('400');

    provideOpsToken(one!, silentLogger);
    expect(readFileSync(one!, 'utf8')).toBe(token);
  });

  it('is made anew if a full disk or an older release has left an empty file, and leaves no other file', () => {
    const file = join(folder, 'empty');
    for (const left of [file, `${file}.${process.pid}.new`]) writeFileSync(left, '', { mode: 0o400 });
    provideOpsToken(file, silentLogger);
    expect(readFileSync(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(readdirSync(folder).filter((name) => name.startsWith('empty'))).toEqual(['empty']);
  });

  it('is refused where it cannot be written', () => {
    expect(() => provideOpsToken(join(folder, 'none', 'token'), silentLogger)).toThrow('ENOENT');
  });
});
