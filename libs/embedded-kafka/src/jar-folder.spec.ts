import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isWhole, sealJars } from './install-kafka.ts';

const pom = '<project/>';

describe('a folder of jars', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-jars-'));
    for (const name of ['a.jar', 'b.jar']) writeFileSync(join(folder, name), 'classes');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is not complete before it is sealed', () => {
    expect(isWhole(folder, pom)).toBe(false);
    sealJars(folder, pom);
    expect(isWhole(folder, pom)).toBe(true);
  });

  it('is not complete for another pom', () => {
    sealJars(folder, pom);
    expect(isWhole(folder, '<project>newer</project>')).toBe(false);
  });

  it('is not complete if a jar is missing, is cut short or was added', () => {
    sealJars(folder, pom);
    truncateSync(join(folder, 'a.jar'), 3);
    expect(isWhole(folder, pom)).toBe(false);
    rmSync(join(folder, 'a.jar'));
    expect(isWhole(folder, pom)).toBe(false);
    writeFileSync(join(folder, 'a.jar'), 'classes');
    expect(isWhole(folder, pom)).toBe(true);
    writeFileSync(join(folder, 'c.jar'), 'classes');
    expect(isWhole(folder, pom)).toBe(false);
  });
});
