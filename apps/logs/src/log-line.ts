/** The topic of the lines. A record is one line as its program wrote it, without a key. */
export const logTopic = 'logs';

/** The header of a record that names where its line comes from, such as `order` for `order.log`. */
export const sourceHeader = 'source';

export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'unknown'] as const;
export type Level = (typeof levels)[number];

/** A line as it is searched. */
export interface LogLine {
  readonly loggedAtMs: number;
  readonly level: Level;
  readonly service: string | null;
  /** The text of the line, with the type of the message that it is about, such as `OrderCreated`, and its error. */
  readonly message: string;
  readonly orderId: string | null;
  readonly correlationId: string | null;
  /** The whole line. */
  readonly line: string;
}

/** A line as the interface shows it. */
export interface ShownLine extends Omit<LogLine, 'loggedAtMs'> {
  /** The partition and offset of the line in the topic. */
  readonly id: string;
  readonly loggedAt: string;
}

export interface ArrivedLine {
  readonly text: string;
  /** The file or program that the record's header names. */
  readonly source: string | undefined;
  readonly recordedAtMs: number;
}

/** The clocks of two machines may differ by this much. */
const aheadMsMax = 5 * 60_000;
const messageLengthMax = 8_000;
const idLengthMax = 200;

/**
 * Reads a line of JSON as pino writes it. Any other line keeps its text as the message, has the level
 * `unknown`, and counts as written when it was recorded. So does a line whose time is in the future.
 */
export function readLine({ text, source, recordedAtMs }: ArrivedLine): LogLine {
  const line = storable(text);
  const fields = fieldsOf(line) ?? {};
  return {
    loggedAtMs: timeOf(fields['time'], recordedAtMs),
    level: levelOf(fields['level']),
    service: idOf(fields['service']) ?? idOf(source),
    message: storable(messageOf(fields) ?? line).slice(0, messageLengthMax),
    orderId: idOf(fields['orderId']),
    correlationId: idOf(fields['correlationId']),
    line,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return undefined; // kept as text
  }
}

function messageOf({ msg, type, err, error }: Fields): string | undefined {
  const parts = [msg, type, ...[err, error].map(errorText)].filter((part) => typeof part === 'string');
  return parts.length === 0 ? undefined : parts.join(': ');
}

const errorText = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'message' in error ? error.message : error;

/** The numbers by which pino writes levels if it is not told otherwise: 10 is `trace`. */
const levelOf = (level: unknown): Level =>
  levels.find((name, index) => level === name || level === (index + 1) * 10) ?? 'unknown';

function timeOf(time: unknown, recordedAtMs: number): number {
  const timeMs = typeof time === 'string' ? Date.parse(time) : Number(time);
  return timeMs >= 0 && timeMs <= recordedAtMs + aheadMsMax ? Math.trunc(timeMs) : recordedAtMs;
}

const idOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? storable(value).slice(0, idLengthMax) : null;

/** A text in PostgreSQL cannot contain NUL. */
const storable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);
