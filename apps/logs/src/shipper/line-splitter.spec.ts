import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { lineBytesMax, LineSplitter } from './line-splitter.ts';

const linesOf = (...chunks: readonly (Buffer | string)[]) => {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)).map(String));
  return [...lines, ...splitter.end().map(String)];
};

describe('a stream of bytes', () => {
  it('has the same lines in whatever chunks it arrives', () => {
    const line = fc.string({ minLength: 1 }).filter((text) => !/[\n\r]/.test(text));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        const places = [0, ...cuts.filter((cut) => cut <= bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(linesOf(...chunks)).toEqual(lines);
      }),
    );
  });

  it('may have lines of Windows, empty lines, and a last line without an end', () => {
    expect(linesOf('one\r\n\n\r\ntwo')).toEqual(['one', 'two']);
  });

  it('loses nothing if a chunk is overwritten by the next one', () => {
    const splitter = new LineSplitter();
    const chunk = Buffer.from('begun');
    splitter.push(chunk);
    chunk.fill('x');
    expect(splitter.push(Buffer.from(' and ended\n')).map(String)).toEqual(['begun and ended']);
  });

  it('has a line over the limit cut to its beginning, and the next line whole', () => {
    const long = 'a'.repeat(lineBytesMax);
    expect(linesOf(`${long}\n`)).toEqual([long]);
    expect(linesOf(long, 'b'.repeat(100_000), 'c\nnext\n')).toEqual([
      `${long} [cut: ${lineBytesMax + 100_001} bytes]`,
      'next',
    ]);
  });
});
