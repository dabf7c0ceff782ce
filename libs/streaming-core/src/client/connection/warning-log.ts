import { minutes, type Clock, type Logger } from '../../runtime/index.ts';
import { AccessRefused, ConnectionLost } from '../errors/connection-errors.ts';
import { ClientError } from '../errors/client-error.ts';
import { ProtocolError } from '../../protocol/errors.ts';

interface WarningLogOptions {
  readonly clientId: string;
  readonly clock: Clock;
  /** Writes one line. The default is standard error. */
  readonly write?: (line: string) => void;
}

/** A text that was logged is not logged again for so long. */
const quietMs = minutes(1);
/** The number of texts that are told apart. All others count as one. */
const textsMax = 20;
const valueCharactersMax = 300;

interface Repetition {
  quietUntil: number;
  leftOut: number;
}

/**
 * The logger of a client that is given none: warnings and errors become lines on standard error,
 * each text at most once a minute. An error that is not of the client is shown by its class alone,
 * because its text may be about a person.
 */
export class WarningLog implements Logger {
  readonly #clientId: string;
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #repetitions = new Map<string, Repetition>();

  constructor({ clientId, clock, write = (line) => void process.stderr.write(line) }: WarningLogOptions) {
    this.#clientId = clientId;
    this.#clock = clock;
    this.#write = write;
  }

  debug(): void {}

  info(): void {}

  warn(fields: object, message: string): void {
    this.#log('warning', fields, message);
  }

  error(fields: object, message: string): void {
    this.#log('error', fields, message);
  }

  #log(level: 'warning' | 'error', fields: object, message: string): void {
    const repetition = this.#repetitionOf(message);
    const now = this.#clock.monotonic();
    if (now < repetition.quietUntil) {
      repetition.leftOut += 1;
      return;
    }
    const before = repetition.leftOut === 0 ? '' : ` [${repetition.leftOut} more since the last such line]`;
    repetition.quietUntil = now + quietMs;
    repetition.leftOut = 0;
    const at = new Date(this.#clock.now()).toISOString();
    const line = `${at} ${level} of Kafka client ${this.#clientId}: ${message}${detailsOf(fields)}${before}`;
    this.#write(`${onOneLine(line)}\n`);
  }

  #repetitionOf(message: string): Repetition {
    const text = this.#repetitions.has(message) || this.#repetitions.size < textsMax ? message : '';
    const known = this.#repetitions.get(text) ?? { quietUntil: -Infinity, leftOut: 0 };
    this.#repetitions.set(text, known);
    return known;
  }
}

/** ` (groupId: payment, reason: ...)`. The client's fields are texts and numbers, besides errors. */
function detailsOf(fields: object): string {
  const values = Object.entries(fields).flatMap(([name, value]) => {
    if (value instanceof Error) return 'reason' in fields ? [] : [`reason: ${short(reasonOf(value))}`];
    const shown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return shown ? [`${name}: ${short(String(value))}`] : [];
  });
  return values.length === 0 ? '' : ` (${values.join(', ')})`;
}

const ownErrors = [ClientError, ProtocolError, ConnectionLost, AccessRefused] as const;

const reasonOf = (error: Error): string =>
  ownErrors.some((own) => error instanceof own) ? error.message : error.name;

const short = (text: string): string =>
  text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}...` : text;

const onOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
