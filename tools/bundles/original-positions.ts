import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A table beside a bundle that leads from a position in it to the source. It has, as 32-bit
 * numbers:
 * - the number of the bundle's lines,
 * - for each line, and for the end, the index of its first entry,
 * - the entries, ordered by line and column, with four numbers each: the column in the bundle, the
 *   index of the source, and the line and column there. Columns and the source's lines begin at 0.
 *
 * Node's own source maps would cost each process 20 MB and 0.1 s of CPU at its start, and 190 MB at
 * its first error.
 */
export const positionsFile = (bundle: string): string => join(bundle, 'positions');
/** The absolute paths of the sources, as a JSON array. */
export const sourcesFile = (bundle: string): string => join(bundle, 'sources.json');

const numbersPerEntry = 4;
const bytesPerNumber = Uint32Array.BYTES_PER_ELEMENT;
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Makes the table from the `mappings` of a source map. Its entries begin where the source's line changes. */
export function positionTable(mappings: string): Uint32Array {
  const valueOf = new Map([...digits].map((digit, value) => [digit, value]));
  const entries: number[] = [];
  const firstOfLine: number[] = [];
  /** Source, line and column there, and a name: each is stored as the distance to the one before. */
  const position = [0, 0, 0, 0];
  for (const line of mappings.split(';')) {
    const lineBegin = entries.length;
    firstOfLine.push(lineBegin / numbersPerEntry);
    let column = 0;
    for (const segment of line.split(',')) {
      const [distance = 0, ...distances] = decode(segment, valueOf);
      column += distance;
      distances.forEach((each, field) => (position[field] = (position[field] ?? 0) + each));
      const [source = 0, sourceLine = 0, sourceColumn = 0] = position;
      const last = entries.length - numbersPerEntry;
      const isNews = last < lineBegin || entries[last + 1] !== source || entries[last + 2] !== sourceLine;
      if (distances.length > 0 && isNews) entries.push(column, source, sourceLine, sourceColumn);
    }
  }
  firstOfLine.push(entries.length / numbersPerEntry);
  return Uint32Array.from([firstOfLine.length - 1, ...firstOfLine, ...entries]);
}

/** Decodes base64 VLQ: five bits for each digit, the lowest first, and the sign in the lowest bit. */
function decode(segment: string, valueOf: ReadonlyMap<string, number>): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = valueOf.get(character) ?? 0;
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
/** Makes the stack of every error name the sources instead of the bundle. */
export function mapStackTraces(mainUrl: string, bundle: string): void {
  const standard = Error.prepareStackTrace;
  if (standard === undefined) return;
  const escaped = mainUrl.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const inBundle = new RegExp(`${escaped}:(\\d+):(\\d+)`, 'g');
  Error.prepareStackTrace = (error, frames) => {
    const stack = standard(error, frames) as string;
    return stack.includes(mainUrl) ? withSources(stack, inBundle, bundle) : stack;
  };
}

/** Reads only the entries of the stack's lines, so that nothing has to stay in memory. */
function withSources(stack: string, inBundle: RegExp, bundle: string): string {
  let table: number | undefined;
  try {
    table = openSync(positionsFile(bundle), 'r');
    const sources = JSON.parse(readFileSync(sourcesFile(bundle), 'utf8')) as readonly string[];
    const find = (line: number, column: number) => originalOf(table as number, sources, line, column);
    return stack.replace(inBundle, (text, line, column) => find(Number(line), Number(column)) ?? text);
  } catch {
    return stack; // the bundle was deleted while this process ran
  } finally {
    if (table !== undefined) closeSync(table);
  }
}

function originalOf(
  table: number,
  sources: readonly string[],
  line: number,
  column: number,
): string | undefined {
  const [lines = 0] = readNumbers(table, 0, 1);
  if (line > lines) return undefined;
  const [first = 0, end = 0] = readNumbers(table, line, 2);
  const entries = readNumbers(table, 2 + lines + first * numbersPerEntry, (end - first) * numbersPerEntry);
  let found: string | undefined;
  for (let at = 0; at < entries.length; at += numbersPerEntry) {
    const [start = 0, source = 0, sourceLine = 0, sourceColumn = 0] = entries.subarray(at);
    if (start > column - 1) break;
    found = `${sources[source]}:${sourceLine + 1}:${sourceColumn + 1}`;
  }
  return found;
}

function readNumbers(table: number, from: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  readSync(table, numbers, 0, numbers.byteLength, from * bytesPerNumber);
  return numbers;
}
