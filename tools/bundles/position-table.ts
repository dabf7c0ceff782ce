import { numbersPerEntry } from './original-positions.ts';

const digits = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((digit, value) => [
    digit.charCodeAt(0),
    value,
  ]),
);
const nextField = ','.charCodeAt(0);
const nextLine = ';'.charCodeAt(0);

/**
 * Makes the table of `original-positions.ts` from the `mappings` of a source map. It leaves out the
 * positions that lead to the same line as the one before them.
 */
export function positionTable(mappings: string): Uint32Array {
  const entries: number[] = [];
  const firstOfLine: number[] = [0];
  /** The column in the bundle; then source, line and column there; then a name. */
  const position = [0, 0, 0, 0, 0];
  let field = 0;
  let value = 0;
  let shift = 0;
  let lineBegin = 0;

  const endSegment = () => {
    const last = entries.length - numbersPerEntry;
    const isNews = last < lineBegin || entries[last + 1] !== position[1] || entries[last + 2] !== position[2];
    if (field >= numbersPerEntry && isNews) entries.push(...position.slice(0, numbersPerEntry));
    field = 0;
  };
  for (let at = 0; at < mappings.length; at += 1) {
    const code = mappings.charCodeAt(at);
    if (code === nextField || code === nextLine) {
      endSegment();
      if (code === nextField) continue;
      position[0] = 0;
      lineBegin = entries.length;
      firstOfLine.push(lineBegin / numbersPerEntry);
      continue;
    }
    const digit = digits.get(code) ?? 0;
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    position[field] = (position[field] ?? 0) + (value & 1 ? -(value >>> 1) : value >>> 1);
    field += 1;
    value = 0;
    shift = 0;
  }
  endSegment();
  firstOfLine.push(entries.length / numbersPerEntry);
  return Uint32Array.from([firstOfLine.length - 1, ...firstOfLine, ...entries]);
}
