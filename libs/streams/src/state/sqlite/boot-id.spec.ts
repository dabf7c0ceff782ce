import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootId } from './boot-id.ts';

describe('the id of a boot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-boot-'));

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is what the system says, whichever process asks', () => {
    const file = join(folder, 'boot_id');
    writeFileSync(file, 'e6a1\n');
    expect(bootId(1, file)).toBe('e6a1');
    expect(bootId(2, file)).toBe('e6a1');
  });

  it('is another one for each process where the system has none', () => {
    const missing = join(folder, 'missing');
    expect(bootId(1, missing)).not.toBe(bootId(2, missing));
  });
});
