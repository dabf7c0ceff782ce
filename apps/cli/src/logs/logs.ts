import { OperationFailed } from '@millrace/operations/client';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressesOf } from '../addresses.ts';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { showRows } from '../terminal/show.ts';

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

type LogLevel = (typeof logLevels)[number];

export interface LogLine {
  readonly process: string;
  /** In ISO 8601; absent in a line that is not JSON. */
  readonly time?: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of a service or of the broker, which is JSON, or of an engine, which is text. */
function logLineIn(process: string, text: string): LogLine {
  const found = jsonIn(text);
  if (found === undefined) return { process, level: levelOfText(text), message: text, fields: {} };
  const { time, level, msg = '', ...fields } = found;
  return {
    process,
    ...(typeof time === 'string' && { time }),
    level: levelOf(level),
    message: String(msg),
    fields,
  };
}

function jsonIn(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

const levelOf = (level: unknown): LogLevel =>
  logLevels.find((one) => one === level) ?? (level === 'fatal' ? 'error' : 'info');

/** The words of PostgreSQL and of Kafka's logger. */
function levelOfText(text: string): LogLevel {
  if (/\b(ERROR|FATAL|PANIC)\b/.test(text)) return 'error';
  return /\bWARN(ING)?\b/.test(text) ? 'warn' : 'info';
}

const isAtLeast = (level: LogLevel, least: LogLevel): boolean =>
  logLevels.indexOf(level) >= logLevels.indexOf(least);

const limitByDefault = 20;
const levelByDefault: LogLevel = 'warn';

export const logs: CommandDefinition = {
  name: 'logs',
  summary:
    'shows the last lines of the logs of the processes on this machine, warnings and errors by default',
  arguments: [{ name: '[process]', meaning: 'one process, such as order-2 or postgres; default: all' }],
  options: [
    { flags: '--level <level>', meaning: `the least level (default: ${levelByDefault})`, choices: logLevels },
    { flags: '--match <text>', meaning: 'only lines with this text, such as a correlation id' },
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
  ],
  examples: ['logs order', 'logs --level info --match CORRELATION'],
  run(call) {
    const { options } = call;
    const { logFolder } = addressesOf(call).stack('read the logs where your containers keep them');
    const least = (options.text('level') as LogLevel | undefined) ?? levelByDefault;
    const text = options.text('match') ?? '';
    const found = processesIn(logFolder, firstOf(call)).flatMap((process) =>
      linesOf(logFolder, process)
        .filter((line) => line.includes(text))
        .map((line) => logLineIn(process, line))
        .filter(({ level }) => isAtLeast(level, least)),
    );
    const limit = options.count('limit', 1) ?? limitByDefault;
    showRows<LogLine>(call, found.sort(byTime).slice(-limit), {
      columns: {
        TIME: 'time',
        PROCESS: 'process',
        LEVEL: 'level',
        MESSAGE: 'message',
        FIELDS: ({ fields }) => JSON.stringify(fields, withoutStack),
      },
      none: `no line of level ${least}${text === '' ? '' : ` with ${text}`}: --level info shows more`,
    });
    return Promise.resolve();
  },
};

/** A table has no room for stacks; `--json` shows them. */
const withoutStack = (name: string, value: unknown): unknown => (name === 'stack' ? undefined : value);

const ending = '.log';

function processesIn(folder: string, named: string): readonly string[] {
  const all = readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
  if (named === '') return all;
  if (all.includes(named)) return [named];
  throw new OperationFailed(`no log of ${named} in ${folder}: it has those of ${all.join(', ')}`);
}

/** The lines of the log before its last rotation, and then those since. */
const linesOf = (folder: string, process: string): readonly string[] =>
  [`${process}${ending}.1`, `${process}${ending}`]
    .flatMap((file) => textOf(join(folder, file)).split('\n'))
    .filter((line) => line !== '');

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new OperationFailed(
      `${file} cannot be read (${code}): run this as the user who started the stack`,
      {
        cause: error,
      },
    );
  }
}

/** Lines without a time, such as PostgreSQL's, come first. */
const byTime = (one: LogLine, other: LogLine): number => (one.time ?? '').localeCompare(other.time ?? '');
