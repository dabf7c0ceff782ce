import { describe, expect, it } from '@jest/globals';
import { agrees, comparableLines } from './printed.ts';

describe('the output of a command', () => {
  const lines = (output: string) => comparableLines(output, 21_000);
  const printed = lines('NAME      AT\nclinic    2026-11-26T07:30:00.000Z\n\nhttp://127.0.0.1:21006/docs\n');

  it('agrees with the page whatever its ids, times, ports and columns', () => {
    const shown = 'NAME  AT\nclinic  2020-01-01T00:00:00.000Z\nhttp://127.0.0.1:3006/docs';
    expect(agrees(printed, lines(shown))).toBe(true);
    expect(agrees(printed, lines('...\nclinic ...\n...'))).toBe(true);
    expect(agrees(lines('visit-0199e5a0-0000-7000-8000-000000000001'), lines('visit-...'))).toBe(true);
  });

  it.each(['NAME  AT', '...\nclinic', 'clinic ...\n...', '...\nclinic ...\nNAME  AT\n...', ''])(
    'differs from %j',
    (shown) => {
      expect(agrees(printed, lines(shown))).toBe(false);
    },
  );
});
