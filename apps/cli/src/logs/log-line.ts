export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof logLevels)[number];

/** One line of a process' log. */
export interface LogLine {
  readonly process: string;
  /** In ISO 8601; absent in a line that is not JSON. */
  readonly time?: string;
  readonly level: LogLevel;
  readonly message: string;
  /** The other fields of the line. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of a service or of the broker, which is JSON, or of an engine, which is text. */
export function logLineIn(process: string, text: string): LogLine {
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

export const isAtLeast = (level: LogLevel, least: LogLevel): boolean =>
  logLevels.indexOf(level) >= logLevels.indexOf(least);
