import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileTail, type FilePosition } from './file-tail.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-tail-'));
  file = join(folder, 'order.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A tail with what it has read so far. */
class TestTail {
  lost = 0;
  position: FilePosition | undefined;
  readonly #tail: FileTail;

  constructor(from?: FilePosition) {
    this.position = from;
    this.#tail = new FileTail(file, from, () => (this.lost += 1));
  }

  lines(): readonly string[] {
    const lines: string[] = [];
    for (let more = true; more;) {
      const read = this.#tail.read();
      lines.push(...read.lines.map(String));
      this.position = read.position ?? this.position;
      ({ more } = read);
    }
    return lines;
  }

  /** Begins again where this one has come to, as a process that was restarted. */
  restarted(): TestTail {
    this.#tail.close();
    return new TestTail(this.position);
  }
}

const rotate = () => renameSync(file, `${file}.1`);

describe('T34 the tail of a log file', () => {
  it('waits for a file that does not exist yet, and has each line once it has ended', () => {
    const tail = new TestTail();
    expect(tail.lines()).toEqual([]);
    writeFileSync(file, 'one\ntw');
    expect(tail.lines()).toEqual(['one']);
    appendFileSync(file, 'o\n');
    expect(tail.lines()).toEqual(['two']);
    expect(tail.lines()).toEqual([]);
  });

  it('continues after the last line after a restart, and reads an unfinished line again', () => {
    writeFileSync(file, 'one\ntw');
    const tail = new TestTail();
    expect(tail.lines()).toEqual(['one']);
    const next = tail.restarted();
    appendFileSync(file, 'o\nthree\n');
    expect(next.lines()).toEqual(['two', 'three']);
    expect(next.lost).toBe(0);
  });

  it('reads a rotated file to its end, then the new one, and keeps a line whole that is in both', () => {
    writeFileSync(file, 'one\n');
    const tail = new TestTail();
    expect(tail.lines()).toEqual(['one']);
    appendFileSync(file, 'two\nthr');
    rotate();
    expect(tail.lines()).toEqual(['two']);
    writeFileSync(file, 'ee\nfour\n');
    expect(tail.lines()).toEqual(['three', 'four']);
  });

  it.each(['before', 'after'])('loses nothing of a rotation %s a restart', (when) => {
    writeFileSync(file, 'one\ntwo\nthr');
    let tail = new TestTail();
    tail.lines();
    if (when === 'after') tail = tail.restarted();
    appendFileSync(file, 'ee\nfo');
    rotate();
    writeFileSync(file, 'ur\nfive\n');
    if (when === 'before') tail = tail.restarted();
    expect(tail.lines()).toEqual(['three', 'four', 'five']);
    const next = tail.restarted();
    expect(next.lines()).toEqual([]);
    expect(next.lost).toBe(0);
  });

  it('reads what was between two rotations, and says when a restart has missed one', () => {
    writeFileSync(file, 'one\n');
    const tail = new TestTail();
    tail.lines();
    rotate();
    writeFileSync(file, 'two\n');
    rotate();
    writeFileSync(file, 'three\n');
    const next = tail.restarted();
    expect(next.lines()).toEqual(['two', 'three']);
    expect(next.lost).toBe(1);
  });

  it('begins a file again that was truncated', () => {
    writeFileSync(file, 'one\ntwo\n');
    const tail = new TestTail();
    tail.lines();
    truncateSync(file);
    expect(tail.lines()).toEqual([]);
    appendFileSync(file, 'six\n');
    expect(tail.lines()).toEqual(['six']);
    expect(tail.restarted().lines()).toEqual([]);
  });

  it('takes a file for another one if it begins differently, although its name and length fit', () => {
    writeFileSync(file, 'one\n');
    const tail = new TestTail();
    tail.lines();
    writeFileSync(file, 'uno\ndue\n');
    const next = tail.restarted();
    expect(next.lines()).toEqual(['uno', 'due']);
    expect(next.lost).toBe(1);
  });

  it('reads a file in chunks', () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${'x'.repeat(20)}`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    expect(new TestTail().lines()).toEqual(lines);
  });
});
