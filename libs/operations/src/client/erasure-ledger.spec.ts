import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ErasureLedger, ledgerOfFolder } from './erasure-ledger.ts';

const at = '2026-11-20T10:00:00.000Z';
const ada = { at, subject: 'ada' };
const zora = { at, subject: 'zora' };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-ledger-'));
  file = join(folder, 'erasures.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('R26 the ledger of erasures', () => {
  it('has one line for each subject, with a version, that only its owner can read', () => {
    const ledger = new ErasureLedger(file);

    expect(ledger.read()).toEqual([]);
    expect(ledger.add([ada])).toBe(1);
    expect(ledger.add([ada, zora, zora])).toBe(1);

    expect(new ErasureLedger(file).read()).toEqual([ada, zora]);
    expect(readFileSync(file, 'utf8').split('\n')[0]).toBe(`{"version":1,"at":"${at}","subject":"ada"}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keeps names of any characters', () => {
    const odd = { at, subject: 'Zoë "9ß"\u2028 \\' };
    new ErasureLedger(file).add([odd]);

    expect(new ErasureLedger(file).read()).toEqual([odd]);
  });

  it('drops what a crash has left of a last line, and goes on after it', () => {
    const ledger = new ErasureLedger(file);
    ledger.add([ada]);
    appendFileSync(file, '{"version":1,"at":"2026-11-2');

    expect(ledger.read()).toEqual([ada]);
    ledger.add([zora]);

    expect(ledger.read()).toEqual([ada, zora]);
  });

  it.each([
    ['damaged', '{"version":1\n'],
    ['of a later release', '{"version":2,"at":"2026-11-20T10:00:00.000Z","subject":"ada"}\n'],
    ['without a subject', '{"version":1,"at":"2026-11-20T10:00:00.000Z","subject":""}\n'],
  ])('names a line that is %s, and is not written then', (_what, line) => {
    writeFileSync(file, line);

    expect(() => new ErasureLedger(file).read()).toThrow(`line 1 of ${file} is no erasure`);
    expect(() => new ErasureLedger(file).add([zora])).toThrow(`line 1 of ${file} is no erasure`);
    expect(readFileSync(file, 'utf8')).toBe(line);
  });

  it('says that nothing was erased if it cannot be written', () => {
    expect(() => new ErasureLedger(join(folder, 'missing/erasures.jsonl')).add([ada])).toThrow(
      /cannot be written \(ENOENT\), so nothing was erased: .* ERASURE_LEDGER$/,
    );
  });

  it('is in the data folder, or where ERASURE_LEDGER says', () => {
    expect(ledgerOfFolder('/data', {}, '/work').file).toBe('/data/erasures.jsonl');
    expect(ledgerOfFolder('/data', { ERASURE_LEDGER: 'kept/list' }, '/work').file).toBe('/work/kept/list');
  });
});
