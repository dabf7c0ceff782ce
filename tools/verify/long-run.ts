import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { workspace } from '../workspace.ts';

/** A run that takes minutes to hours. */
export interface LongRun {
  readonly summary: string;
  /**
   * Runs it and resolves to true if nothing failed. Rejects with one line if the options are wrong.
   */
  main(args: readonly string[]): Promise<boolean>;
}

const countMax = 1_000_000;
/** A date such as 20261124 is a seed. Larger seeds would leave the integers that a number holds. */
const seedMax = 99_999_999;

/** Parses a number of runs, seconds or orders. Throws an error that names the option otherwise. */
export const countOf = (option: string, text: string): number => wholeNumberOf(option, text, countMax);

/** Parses the seed of a random run. Throws an error that names the option otherwise. */
export const seedOf = (option: string, text: string): number => wholeNumberOf(option, text, seedMax);

function wholeNumberOf(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^[1-9]\d*$/.test(text) || value > max)
    throw new Error(`${option} must be a whole number from 1 to ${max}, not ${text}`);
  return value;
}

export interface Page {
  /** Relative to the workspace. */
  readonly path: string;
  readonly title: string;
  readonly command: string;
  /** A paragraph about what is measured and what a failure means. */
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: ReadonlyArray<readonly (string | number)[]>;
  /** The details of failures and the run's last line. */
  readonly closing: readonly string[];
}

const git = (...args: readonly string[]): string =>
  spawnSync('git', [...args], { cwd: workspace, encoding: 'utf8' }).stdout.trim();

export function commit(): string {
  const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with local changes';
  return `${git('rev-parse', '--short=12', 'HEAD')}${dirty}`;
}

/**
 * Replaces the page. It is called after every step, so that an interrupted run leaves its results.
 */
export function writePage(
  { path, title, command, about, columns, rows, closing }: Page,
  startedAt: Date,
  onCommit: string,
): void {
  const machine =
    `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
    `${type()} ${release()}, Node ${process.version}`;
  const facts = [
    [
      'date',
      `${startedAt.toISOString().slice(0, 16).replace('T', ' ')} to ` +
        `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    ],
    ['machine', machine],
    ['commit', onCommit],
  ];
  const text = [
    `# ${title}`,
    `A program wrote this page: \`${command}\`.`,
    about,
    tableOf(['', ''], facts),
    tableOf(columns, rows),
    ...(closing.length > 0 ? [`\`\`\`text\n${closing.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
  writeFileSync(join(workspace, path), `${text}\n`);
  spawnSync('prettier', ['--write', path], { cwd: workspace });
}

/**
 * Replaces the text between `<!-- NAME: begin ... -->` and `<!-- NAME: end -->` in a page whose
 * other text is written by hand.
 */
export function replaceSection(path: string, name: string, text: string): void {
  const file = join(workspace, path);
  const page = readFileSync(file, 'utf8');
  const section = new RegExp(`(<!-- ${name}: begin[^>]*-->\\n)[^]*?(<!-- ${name}: end -->)`);
  if (!section.test(page))
    throw new Error(`${path} has no section between <!-- ${name}: begin --> and <!-- ${name}: end -->`);
  writeFileSync(
    file,
    page.replace(section, (_all, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  );
  spawnSync('prettier', ['--write', path], { cwd: workspace });
}

/** The load average of the last minute. Above the number of cores, others have slowed the run down. */
export const loadNow = (): string => (loadavg()[0] ?? NaN).toFixed(0);

const cell = (value: string | number): string => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');

export function tableOf(
  columns: readonly string[],
  rows: ReadonlyArray<readonly (string | number)[]>,
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

export interface LoggedRun {
  readonly passed: boolean;
  readonly minutes: number;
  readonly output: string;
}

const progressEveryMs = 30_000;
const progressCharactersMax = 150;

/**
 * Runs a command with its output in a file. From time to time it prints the last task of Nx, or the last
 * line of a program that runs none. It has no time limit of its own.
 */
export async function runLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  folder = workspace,
): Promise<LoggedRun> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const startedAt = performance.now();
  const minutes = () => (performance.now() - startedAt) / 60_000;
  const child = spawn(command, [...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NX_TUI: 'false' },
  });
  const chunks: string[] = [];
  let task: string | undefined;
  let line = '';
  for (const output of [child.stdout, child.stderr])
    output.on('data', (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      chunks.push(text);
      task = lastTaskOf(text) ?? task;
      line = lastLineOf(text) || line;
      log.write(chunk);
    });
  const progress = setInterval(
    () => void process.stderr.write(`${minutes().toFixed(1).padStart(6)} min  ${task ?? line}\n`),
    progressEveryMs,
  );
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  clearInterval(progress);
  log.end();
  await once(log, 'close');
  return { passed: code === 0, minutes: minutes(), output: chunks.join('') };
}

/** The last line that is not blank, without colors, or an empty string. */
export const lastLineOf = (output: string): string =>
  (stripVTControlCharacters(output).trim().split('\n').at(-1) ?? '').trim().slice(0, progressCharactersMax);

/** The last task whose output Nx begins here, if there is one. */
export const lastTaskOf = (output: string): string | undefined =>
  [...stripVTControlCharacters(output).matchAll(/^> nx run (\S+)/gm)].at(-1)?.[1];

/** A run of a program that prints its report as one line of JSON, from which a page is made. */
interface ReportedRun<Report> {
  /** The name of the run, its page and its log. */
  readonly name: string;
  readonly summary: string;
  /** Its options with their defaults, which are passed on to the program. A number is a count, or a seed. */
  readonly options: Readonly<Record<string, string>>;
  /** The program, relative to the workspace, and its other arguments. */
  readonly program: readonly string[];
  page(report: Report, options: Readonly<Record<string, string>>): Omit<Page, 'path' | 'command'>;
  /** Returns true for a good report. By default, every report is good whose program ended well. */
  readonly isGood?: (report: Report) => boolean;
  readonly onReport?: (report: Report, startedAt: Date) => void;
  /** Called for a good report. */
  readonly onPassed?: (report: Report, startedAt: Date, onCommit: string) => void;
}

export function reportedRun<Report>(run: ReportedRun<Report>): LongRun {
  const { name, summary, options, program, page, isGood = () => true } = run;
  const path = `docs/reports/${name}.md`;
  const named = Object.entries(options).map(([option, value]) => `[--${option} ${value}]`);
  return {
    summary: `${named.join(' ')}: ${summary}; writes ${path}`,
    async main(args) {
      const given = valuesOf(args, options);
      const startedAt = new Date();
      const onCommit = commit();
      const flags = Object.entries(given).flatMap(([option, value]) => [`--${option}`, value]);
      const { passed, report } = await runReport<Report>([...program, ...flags], `tmp/${name}.log`);
      const command = ['npm run verify --', name, ...args].join(' ');
      const text = page(report, given);
      writePage({ path, command, ...text }, startedAt, onCommit);
      run.onReport?.(report, startedAt);
      process.stdout.write(`${text.closing.join('\n')}\n`);
      if (!passed || !isGood(report)) return false;
      run.onPassed?.(report, startedAt, onCommit);
      return true;
    },
  };
}

/** Reads options that have defaults. A default that is a number makes the option one. */
export function valuesOf<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, string>>,
): Readonly<Record<Name, string>> {
  const all = Object.entries<string>(defaults);
  const options = Object.fromEntries(
    all.map(([name, value]) => [name, { type: 'string', default: value } as const]),
  );
  const { values } = parseArgs({ args: [...args], options });
  for (const [name, value] of all)
    if (/^\d+$/.test(value)) (name === 'seed' ? seedOf : countOf)(`--${name}`, String(values[name]));
  return values as Record<Name, string>;
}

/** The first field of each report, which no line of a log begins with. */
const reportLine = /^\{"(form|seed|run|faults)":/;

/** Runs a program of the workspace. Rejects if it prints no report. */
export async function runReport<Report>(
  program: readonly string[],
  logFile: string,
): Promise<{ readonly passed: boolean; readonly minutes: number; readonly report: Report }> {
  const { passed, minutes, output } = await runLogged(
    process.execPath,
    ['--conditions=@millrace/source', '--import', './tools/typescript/register.mjs', ...program],
    join(workspace, logFile),
  );
  const line = output.split('\n').findLast((each) => reportLine.test(each));
  if (line === undefined)
    throw new Error(`${program[0]} printed no report. Its last line: ${lastLineOf(output)} (${logFile})`);
  return { passed, minutes, report: JSON.parse(line) as Report };
}
