import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

export type Cell = string | number;

export const table = (titles: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export const verdictTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['target', 'required', 'measured', ''],
    verdicts.map(({ what, target, measured, met }) => [what, target, measured, met ? 'met' : '**missed**']),
  );

export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

export const today = (): string => new Date().toISOString().slice(0, 10);

export const command = (): string => `npm run bench -- ${process.argv.slice(2).join(' ')}`;

export const machine = (runsOnIt = 'one stack and this client'): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ` +
  `${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${runsOnIt} on it`;

const reports = join(import.meta.dirname, '../../../docs/reports');

/** Says below the title which bench wrote the page. */
export const withOrigin = (text: string, bench: string): string =>
  text.replace('\n\n', `\n\nA program wrote this page: \`npm run bench -- ${bench} --write\`.\n\n`);

/** Writes a page of docs/reports: between its markers of that name, or all of it. */
export async function writePage(name: string, text: string, marker?: string): Promise<void> {
  const page = join(reports, `${name}.md`);
  const bench = process.argv[2] ?? '';
  const whole =
    marker === undefined ? `${withOrigin(text, bench)}\n` : between(readFileSync(page, 'utf8'), marker, text);
  writeFileSync(page, await format(whole, { ...(await resolveConfig(page)), filepath: page }));
  say(`written: docs/reports/${name}.md`);
}

/** Draws plots without a screen into docs/reports/plots, and returns the Markdown that shows them. */
export async function writePlots(plots: readonly Plot[]): Promise<string> {
  mkdirSync(join(reports, 'plots'), { recursive: true });
  for (const { name, spec } of plots)
    writeFileSync(join(reports, 'plots', `${name}.svg`), `${await svgOf(spec)}\n`);
  return plots.map(({ name, title }) => `![${title}](plots/${name}.svg)`).join('\n\n');
}

/** A plot: the name of its file, what it shows, and how. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly spec: TopLevelSpec;
}

export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ background: 'white', ...spec }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

export function between(page: string, marker: string, text: string): string {
  const begin = `<!-- ${marker} -->`;
  const end = `<!-- /${marker} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} and ${end} to write between`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}
