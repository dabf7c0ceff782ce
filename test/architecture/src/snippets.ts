import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Page } from './markdown.ts';
import { readText, workspace } from './workspace.ts';

/**
 * The languages whose blocks are excerpts of a file of the workspace, each with the line that stands
 * for lines left out.
 */
const omissions: Readonly<Record<string, RegExp>> = {
  ts: /^\s*\/\/ \.\.\.$/,
  tsx: /^\s*\/\/ \.\.\.$/,
  json: /^\s*\.\.\.$/,
  sql: /^\s*-- \.\.\.$/,
  yaml: /^\s*# \.\.\.$/,
};

/** Commands, which `commands.spec.ts` checks, output and pictures. */
const otherLanguages: ReadonlySet<string> = new Set(['sh', 'text', 'console', 'mermaid']);

interface Block {
  /** Number of the line with the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** Without the indentation that all lines share. */
  readonly lines: readonly string[];
  /** The lines of the paragraph right before the block, joined. */
  readonly paragraph: string;
}

const indentationOf = (line: string): number => line.length - line.trimStart().length;

function outdented(lines: readonly string[]): readonly string[] {
  const common = Math.min(...lines.filter((line) => line.trim() !== '').map(indentationOf));
  return lines.map((line) => line.slice(common).trimEnd());
}

/** The paragraph that ends at the last line with text before `end`. */
function paragraphBefore(lines: readonly string[], end: number): string {
  let last = end - 1;
  while (last >= 0 && lines[last]!.trim() === '') last -= 1;
  let first = last;
  while (first > 0 && lines[first - 1]!.trim() !== '') first -= 1;
  return lines.slice(Math.max(first, 0), last + 1).join(' ');
}

/** Every fenced block of a page. */
function blocksOf(text: string): readonly Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const opened = /^\s*(```+|~~~+)\s*(\S*)/.exec(lines[at]!);
    if (opened === null) continue;
    const [, fence = '', language = ''] = opened;
    const closing = lines.findIndex((line, index) => index > at && line.trim() === fence);
    const end = closing === -1 ? lines.length : closing;
    blocks.push({
      line: at + 1,
      language,
      lines: outdented(lines.slice(at + 1, end)),
      paragraph: paragraphBefore(lines, at),
    });
    at = end;
  }
  return blocks;
}

/** The runs of lines between the lines that stand for what is left out, without empty lines around them. */
function runsOf({ language, lines }: Block): ReadonlyArray<readonly string[]> {
  const omission = omissions[language]!;
  const runs: string[][] = [[]];
  for (const line of lines) {
    if (omission.test(line)) runs.push([]);
    else runs.at(-1)!.push(line);
  }
  return runs.map(withoutEmptyEdges).filter((run) => run.length > 0);
}

function withoutEmptyEdges(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => line !== '');
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1);
}

/** How many lines of the run the source has, one after the other, at the best place after `from`. */
function agreeing(run: readonly string[], source: readonly string[], from: number): number {
  const agreements = source.slice(from).map((_, start) => {
    const differing = run.findIndex((line, index) => source[from + start + index] !== line);
    return differing === -1 ? run.length : differing;
  });
  return Math.max(0, ...agreements);
}

/** How many lines of the runs the source has, in this order and with something left out in between. */
function linesFound(runs: ReadonlyArray<readonly string[]>, source: readonly string[]): number {
  let from = 0;
  let found = 0;
  for (const run of runs) {
    const agreed = agreeing(run, source, from);
    found += agreed;
    if (agreed < run.length) return found;
    const begins = source.findIndex(
      (_, start) => start >= from && run.every((line, index) => source[start + index] === line),
    );
    from = begins + run.length + 1;
  }
  return found;
}

/** The first line of the block that is no excerpt of the text. Undefined if all of it is one. */
function lineThatDiffers(block: Block, text: string): string | undefined {
  const source = text.split('\n').map((line) => line.trimEnd());
  const runs = runsOf(block);
  const indentations = new Set(source.filter((line) => line !== '').map(indentationOf));
  const found = [...indentations].map((indentation) =>
    linesFound(
      runs.map((run) => run.map((line) => (line === '' ? '' : `${' '.repeat(indentation)}${line}`))),
      source,
    ),
  );
  return runs.flat()[Math.max(0, ...found)];
}

function problemOf(page: string, block: Block): string | undefined {
  if (otherLanguages.has(block.language)) return undefined;
  if (!(block.language in omissions))
    return `a fence needs a language: ${[...Object.keys(omissions), ...otherLanguages].join(', ')}, not "${block.language}"`;
  if (runsOf(block).length === 0) return 'the block shows no line of a file';
  const target = /\]\(([^()\s#]+)[^()\s]*\)[\s:.)]*$/.exec(block.paragraph)?.[1];
  if (target === undefined)
    return 'the paragraph right before the block has to end with a link to the file that the block is an excerpt of';
  const file = normalize(join(dirname(page), target));
  if (file.endsWith('.md') || !existsSync(join(workspace, file)))
    return `the paragraph right before the block links to ${file}, which is no source of the workspace`;
  const line = lineThatDiffers(block, readText(file));
  return line === undefined ? undefined : `${file} has no such line in this place: ${line.trim()}`;
}

/** Blocks of the page that are not excerpts of the files that they are said to come from. */
export const snippetProblems = ({ path, text }: Page): readonly string[] =>
  blocksOf(text).flatMap((block) => {
    const problem = problemOf(path, block);
    return problem === undefined ? [] : [`${path}: line ${block.line}: ${problem}`];
  });

/** Whether the page has code that a test has to check: excerpts of files, or changes to them. */
export const showsCode = ({ text }: Page): boolean =>
  blocksOf(text).some(({ language }) => language in omissions || language === 'diff');
