import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBootId } from './open-state-file.ts';

describe('the id of a boot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-boot-'));

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is what the system says, whichever process asks', () => {
    const file = join(folder, 'boot_id');
    writeFileSync(file, 'e6a1\n');
    expect(readBootId(() => 'one', file)).toBe('e6a1');
    expect(readBootId(() => 'other', file)).toBe('e6a1');
  });

  it('is what the process makes up where the system has none', () => {
    const missing = join(folder, 'missing');
    expect(readBootId(() => 'one', missing)).toBe('one');
  });
});
