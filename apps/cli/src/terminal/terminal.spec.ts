import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { emptyList, jsonOf, progressOn } from './show.ts';
import { processTerminal } from './process-terminal.ts';
import { renderTable, type Columns } from './table.ts';
import { visible, visibleTerminal } from './visible.ts';
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

describe('a table on a screen', () => {
  interface Letter {
    readonly id: string;
    readonly reason: string;
    readonly note: string;
  }
  const columns: Columns<Letter> = {
    ID: 'id',
    REASON: { freeText: 'reason' },
    NOTE: { freeText: 'note' },
  };
  const row = { id: 'inventory-commands.dlq:0:17', reason: 'r'.repeat(60), note: 'a short note' };

  it('cuts the widest free text with an ellipsis, until the table fits', () => {
    const lines = renderTable(columns, [row], 80).split('\n');
    expect(lines[1]).toBe(`${row.id}  ${'r'.repeat(36)}…  a short note`);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(80);
  });

  it('never cuts an id, and leaves something of each text on the narrowest screen', () => {
    expect(renderTable(columns, [row], 10).split('\n')[1]).toBe(
      `${row.id}  ${'r'.repeat(11)}…  a short note`,
    );
  });

  it('cuts nothing in a file or a pipe, or where it fits', () => {
    for (const width of [undefined, 200])
      expect(renderTable(columns, [row], width)).toContain(`${row.reason}  ${row.note}`);
  });

  it('never shows half of a character', () => {
    const cut = renderTable(columns, [{ ...row, reason: '𝛼'.repeat(40) }], 78).split('\n')[1] ?? '';
    expect(cut).toContain('𝛼…');
    expect(cut.isWellFormed()).toBe(true);
  });
});

describe('a screen', () => {
  it('is painted over, and says what it has no room for', () => {
    const written: string[] = [];
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows: 4 });
    stdout.on('data', (chunk: Buffer) => written.push(chunk.toString()));
    const terminal = processTerminal({ ...process, stdout } as unknown as typeof process);
    expect(terminal.columns).toBe(60);
    terminal.repaint?.(['one\ntwo', 'three']);
    terminal.repaint?.(['one', 'two\nthree', 'four']);
    expect(written.join('').replaceAll('\x1b', '^')).toBe(
      '^[Hone^[K\ntwo^[K\nthree^[K\n^[J^[Hone^[K\ntwo^[K\n… 2 more lines: make the window higher^[K\n^[J',
    );
  });

  it('is not repainted in a pipe', () => {
    const terminal = processTerminal({ ...process, stdout: new PassThrough() } as unknown as typeof process);
    expect(terminal.columns).toBeUndefined();
    expect(terminal.repaint).toBeUndefined();
  });
});

describe('an empty list', () => {
  it('says that it is empty, and names the filter', () => {
    expect(emptyList('topics')).toBe('the list is empty: there are no topics');
    expect(emptyList('sagas', { state: 'live', step: undefined, 'older-than': 600, behind: true })).toBe(
      'the list is empty: there are no sagas with --state live --older-than 600 --behind',
    );
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
    const plain = {
      columns: 80,
      out: write,
      err: write,
      draw: write,
      interactive: true,
      ask: write,
      lines: write,
      repaint: (lines: readonly string[]) => lines.forEach(write),
    };
    const terminal = visibleTerminal(plain as unknown as Terminal);
    void terminal[name](nasty);
    terminal.repaint?.([nasty]);
    expect(seen).toEqual([shown, shown]);
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
