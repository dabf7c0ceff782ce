import { stripVTControlCharacters } from 'node:util';

/**
 * Makes two runs comparable: ids, times and the free ports of the test become the same, columns are
 * as wide as they need to be, and empty lines are left out.
 */
export function comparableLines(output: string, basePort: number): readonly string[] {
  return stripVTControlCharacters(output)
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'ID')
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/(?<=127\.0\.0\.1:|localhost:)\d+/g, (port) => shownPort(Number(port), basePort))
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('npm warn'))
    .map((line) => line.replaceAll(/(?<=\S) {2,}/g, '  ').trimEnd());
}

/** The page shows the ports of a system without `--base-port`, which begin at 3001. */
const shownPort = (port: number, basePort: number): string =>
  String(port > basePort && port < basePort + 100 ? port - basePort + 3_000 : port);

/**
 * True if a run has printed what the page shows. `...` stands for any number of lines, or for any
 * text within a line.
 */
export function agrees(printed: readonly string[], shown: readonly string[]): boolean {
  const [line, ...rest] = shown;
  if (line === undefined) return printed.length === 0;
  if (line === '...') return printed.some((_, at) => agrees(printed.slice(at), rest)) || agrees([], rest);
  const [first, ...others] = printed;
  return first !== undefined && lineAgrees(first, line) && agrees(others, rest);
}

function lineAgrees(printed: string, shown: string): boolean {
  const [start = '', ...parts] = shown.split('...');
  const end = parts.pop();
  if (end === undefined) return printed === shown;
  if (!printed.startsWith(start) || !printed.endsWith(end)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = printed.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= printed.length - end.length;
}
