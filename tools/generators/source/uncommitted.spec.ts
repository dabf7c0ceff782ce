import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { refuseUncommitted } from './uncommitted.ts';

describe('the refusal to delete what is not committed', () => {
  let folder: string;
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder });
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  const refusal = () => refuseUncommitted(folder, ['apps/loyalty', 'libs/contracts/src/loyalty.ts']);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-uncommitted-'));
    for (const path of ['apps/loyalty', 'apps/order']) mkdirSync(join(folder, path), { recursive: true });
    git('init', '--quiet');
    write('apps/loyalty/main.ts', 'first');
    git('add', '--all');
    git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message', 'first');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('passes what is committed, whatever changes elsewhere', () => {
    write('apps/order/main.ts', 'new');
    expect(refusal).not.toThrow();
  });

  it('names a new file and the remedy', () => {
    write('apps/loyalty/config.ts', 'new');
    expect(refusal).toThrow(/^nothing was removed, .*:\n\?\? apps\/loyalty\/config\.ts\nCommit .* --force/);
  });

  it('names a changed file', () => {
    write('apps/loyalty/main.ts', 'second');
    expect(refusal).toThrow('\n M apps/loyalty/main.ts\n');
  });

  it('refuses where there is no repository', () => {
    rmSync(join(folder, '.git'), { recursive: true });
    expect(refusal).toThrow(/git cannot say whether .*:\n.*not a git repository/);
  });
});
