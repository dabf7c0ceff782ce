import { describe, expect, it } from '@jest/globals';
import { jsonOf, renderTable, visible, visibleTerminal, progressOn } from './show.ts';
import type { Terminal } from '../command/command.ts';

describe('renderTable', () => {
  it('aligns texts to the left and numbers to the right, and keeps every row on one line', () => {
    const rows = [
      { name: 'orders', count: 7n, note: null },
      { name: 'x', count: 1_200n, note: 'two\nlines' },
    ];
    const table = renderTable<(typeof rows)[number]>({ NAME: 'name', COUNT: 'count', NOTE: 'note' }, rows);
    expect(table.split('\n')).toEqual([
      'NAME    COUNT  NOTE',
      'orders      7  -',
      'x        1200  two\\nlines',
    ]);
  });
});

describe('what a terminal shows', () => {
  const nasty = 'a\u001b[2Jb\rc\u009bd\u202ee\u007f\u0000';
  const shown = 'a\\u001b[2Jb\\u000dc\\u009bd\\u202ee\\u007f\\u0000';

  it('has no character that the terminal obeys, but lines and letters stay', () => {
    expect(visible(nasty)).toBe(shown);
    expect(visible('ä – 漢\n\t├─ 1')).toBe('ä – 漢\n\t├─ 1');
    expect(JSON.parse(visible(jsonOf({ nasty })))).toEqual({ nasty });
  });

  it('is aligned by what it shows', () => {
    const columns = { A: (text: string) => text, B: () => 'x' };
    expect(renderTable(columns, ['\u001b', '\t']).split('\n')).toEqual([
      'A       B',
      '\\u001b  x',
      '\\t      x',
    ]);
  });

  it.each(['out', 'err', 'draw', 'ask'] as const)('is the same for %s', (name) => {
    const seen: string[] = [];
    const write = (line: string) => void seen.push(line);
    const plain = { out: write, err: write, draw: write, interactive: true, ask: write, lines: write };
    void visibleTerminal(plain as unknown as Terminal)[name](nasty);
    expect(seen).toEqual([shown]);
  });
});

describe('jsonOf', () => {
  it('never rounds a bigint', () => {
    const exact = 2n ** 53n - 1n;
    expect(JSON.parse(jsonOf({ exact, large: exact + 2n, small: -(2n ** 60n) }))).toEqual({
      exact: Number.MAX_SAFE_INTEGER,
      large: '9007199254740993',
      small: '-1152921504606846976',
    });
  });
});

describe('progressOn', () => {
  it('draws a bar when it has moved, and removes it', () => {
    const drawn: string[] = [];
    const progress = progressOn({ draw: (line) => void drawn.push(line) }, 'reading');
    for (const done of [0, 1, 500, 1_000, 2_000]) progress.show(done, 1_000);
    progress.end();
    expect(drawn).toEqual([
      `reading [${'.'.repeat(30)}] 0 %`,
      `reading [${'#'.repeat(15)}${'.'.repeat(15)}] 50 %`,
      `reading [${'#'.repeat(30)}] 100 %`,
      '',
    ]);
  });

  it('draws nothing if there was nothing to show', () => {
    const drawn: string[] = [];
    progressOn({ draw: (line) => void drawn.push(line) }, 'reading').end();
    expect(drawn).toEqual([]);
  });
});
