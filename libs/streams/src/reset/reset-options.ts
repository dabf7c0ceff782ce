import { parseArgs } from 'node:util';
import { bootstrapServersOf, type OffsetReset } from '@millrace/streaming-core/client';
import { days, hours, minutes, seconds, type DurationMs } from '@millrace/streaming-core/runtime';
import type { ResetRequest } from './reset-application.ts';

export const usage = `npm run streams-reset -- --application-id ID [OPTIONS]
Lets a stream application process its input again. All its processes have to be stopped.
  --bootstrap-servers HOST:PORT,...  brokers (default 127.0.0.1:9092); KAFKA_... variables set the security
  --input-topics NAME,...     topics that are read again, from the beginning unless another place is given
  --to-earliest               from the beginning (default)
  --to-latest                 from the end
  --to-offset N               from this offset
  --to-datetime TIME          from the first record at this time or later, such as 2026-11-22T09:00:00Z
  --by-duration DURATION      from this long before now, such as PT1H30M or P7D
  --shift-by N                from N records after the committed offset, or before it if N is negative
  --internal-topics NAME,...  delete only these internal topics (default: all of the application)
  --state-dir FOLDER          also delete the application's state in this folder; every machine has its own
  --dry-run                   show what would change, and change nothing
  --help                      show this text`;

export interface ResetOptions {
  readonly bootstrapServers: readonly string[];
  readonly request: ResetRequest & { readonly dryRun: boolean };
  readonly stateDir: string | undefined;
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

const form = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Throws a `TypeError` of one line that names the wrong option. */
export function readResetOptions(args: readonly string[]): ResetOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      'application-id': text,
      'bootstrap-servers': { ...text, default: '127.0.0.1:9092' },
      'input-topics': text,
      'internal-topics': text,
      'to-earliest': flag,
      'to-latest': flag,
      'to-offset': text,
      'to-datetime': text,
      'by-duration': text,
      'shift-by': text,
      'state-dir': text,
      'dry-run': flag,
      help: { ...flag, short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const applicationId = values['application-id'];
  if (applicationId === undefined || applicationId === '')
    throw new TypeError('--application-id is missing: name the application');
  const bootstrapServers = bootstrapServersOf(values['bootstrap-servers']);
  if (bootstrapServers === undefined)
    throw new TypeError(
      `--bootstrap-servers ${values['bootstrap-servers']}: give HOST:PORT, or several by commas`,
    );
  return {
    bootstrapServers,
    stateDir: values['state-dir'],
    request: {
      applicationId,
      inputTopics: listOf(values['input-topics']),
      internalTopics: listOf(values['internal-topics']),
      to: placeOf(values),
      dryRun: values['dry-run'] === true,
    },
  };
}

const listOf = (value: string | undefined): readonly string[] | undefined =>
  value
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

type Places = Readonly<Partial<Record<keyof typeof places, string | boolean>>>;

/** How to parse each option that says where to begin. */
const places = {
  'to-earliest': (): OffsetReset => ({ mode: 'to-earliest' }),
  'to-latest': (): OffsetReset => ({ mode: 'to-latest' }),
  'to-offset': (value: string): OffsetReset => ({ mode: 'to-offset', offset: integerOf('to-offset', value) }),
  'shift-by': (value: string): OffsetReset => ({ mode: 'shift-by', by: integerOf('shift-by', value) }),
  'to-datetime': (value: string): OffsetReset => ({ mode: 'to-datetime', time: timeOf(value) }),
  'by-duration': (value: string): OffsetReset => ({ mode: 'by-duration', durationMs: durationOf(value) }),
} as const;

function placeOf(values: Places): OffsetReset | undefined {
  const given = (Object.keys(places) as (keyof typeof places)[]).filter((name) => values[name] !== undefined);
  if (given.length > 1)
    throw new TypeError(`${given.map((name) => `--${name}`).join(' and ')} exclude each other: choose one`);
  const [name] = given;
  return name === undefined ? undefined : places[name](String(values[name]));
}

function integerOf(option: string, value: string): bigint {
  if (/^[+-]?\d+$/.test(value)) return BigInt(value);
  throw new TypeError(`--${option} ${value} is not an integer`);
}

function timeOf(value: string): Date {
  const time = new Date(value);
  if (!Number.isNaN(time.getTime())) return time;
  throw new TypeError(`--to-datetime ${value} is not a time: give for instance 2026-11-22T09:00:00Z`);
}

function durationOf(value: string): number {
  const durationMs = isoDurationMs(value);
  if (durationMs !== undefined) return durationMs;
  throw new TypeError(`--by-duration ${value} is not a duration: give for instance PT1H30M or P7D`);
}

/**
 * Reads a duration of ISO 8601 with days, hours, minutes and seconds, such as `P1DT12H`. Returns
 * undefined for any other text: months and years have no fixed length.
 */
export function isoDurationMs(text: string): DurationMs | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [ofDays = 0, ofHours = 0, ofMinutes = 0, ofSeconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return days(ofDays) + hours(ofHours) + minutes(ofMinutes) + seconds(ofSeconds);
}
