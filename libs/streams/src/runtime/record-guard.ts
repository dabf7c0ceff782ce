import type { ProducerHeader, ProducerRecord } from '@millrace/streaming-core/client';
import type { Header, RecordContext, RecordMetadata } from '../processor/record.ts';
import { IteratorLeftOpenError } from '../state/open-iterators.ts';
import { isStateFailure } from '../state/sqlite/state-failure.ts';
import { SuppressBytesExceeded } from '../state/store-limits.ts';
import type { EncodingFailure, NodeFailure } from '../task/node-failure.ts';
import type { DecodedRecord, ProducedRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';
import type { InputRecord } from './raw-records.ts';
import { report } from './streams-channels.ts';
import { StreamsError } from './streams-error.ts';
import type { ErrorPolicy, StreamsSettings } from './streams-options.ts';

type GuardSettings = Pick<
  StreamsSettings,
  'applicationId' | 'onDeserializationError' | 'onProcessingError' | 'onProductionError' | 'logger'
>;

interface Failure {
  readonly error: unknown;
  readonly what: string;
  /** The reason under which the record is counted. */
  readonly reason: 'deserialization_error' | 'processing_error' | 'production_error';
  readonly policy: ErrorPolicy;
}

/** The position of a failed record on the log. A callback has none, so its topic is empty. */
interface Place {
  readonly topic: string;
  readonly partition?: number;
  readonly offset?: bigint;
  /** The node that failed on it. */
  readonly node?: string;
}

/** The parts of a failed record that its dead letter carries. */
type LetterContents = Pick<ProducedRecord, 'key' | 'value' | 'timestampMs' | 'headers'>;

/** Collects dead letters, which are committed with the rest of the output. */
interface LetterBox {
  collect(record: ProducedRecord): void;
}

/**
 * Handles errors about single records of one task as the application's policies say. Every record
 * that a policy lets pass is logged and counted as dropped.
 */
export class RecordGuard {
  readonly #settings: GuardSettings;
  readonly #task: string;

  constructor(settings: GuardSettings, task: string) {
    this.#settings = settings;
    this.#task = task;
  }

  /** Decodes a record. Returns undefined if it is skipped. */
  decode(
    raw: InputRecord,
    task: Pick<TopologyTask, 'decode'>,
    letters: LetterBox,
  ): DecodedRecord | undefined {
    try {
      return task.decode(raw);
    } catch (error) {
      const policy = this.#settings.onDeserializationError;
      const what = `${nameOf(raw)} could not be decoded`;
      this.#answer(raw, raw, { error, what, reason: 'deserialization_error', policy }, letters);
      return undefined;
    }
  }

  /**
   * Returns if the failed node skips the record, and throws if the policy is to fail. `raw` is the
   * record that the task is processing, if there is one. If the node failed on another record,
   * which a store or a cache has held back, the dead letter has neither key nor value.
   *
   * An exceeded memory limit and a failing state file are not the fault of one record, so they
   * always throw. A record after which an iterator is open was processed, so it is not skipped: a
   * warning is logged.
   */
  nodeFailed(
    { nodeName, error, context }: NodeFailure,
    raw: InputRecord | undefined,
    letters: LetterBox,
  ): void {
    if (error instanceof SuppressBytesExceeded || isStateFailure(error)) throw error;
    const policy = this.#settings.onProcessingError;
    const { topic } = context;
    const what =
      topic === ''
        ? `a callback of ${nodeName} failed`
        : `${nameOf(context)} could not be processed by ${nodeName}`;
    if (error instanceof IteratorLeftOpenError && policy !== 'fail') {
      this.#settings.logger.warn(
        { err: error },
        'a record or a callback was processed and left an iterator open',
      );
      return;
    }
    const failure = { error, what, reason: 'processing_error', policy } as const;
    this.#answer(contentsOf(context, raw), { ...placeOf(context), node: nodeName }, failure, letters);
  }

  /** Applies `onProductionError` to a record that a serde could not encode. */
  notEncoded(
    { topic, error, context }: EncodingFailure,
    raw: InputRecord | undefined,
    letters: LetterBox,
  ): void {
    const policy = this.#settings.onProductionError;
    const failure = { error, what: unwritable(topic), reason: 'production_error', policy } as const;
    this.#answer(contentsOf(context, raw), placeOf(context), failure, letters);
  }

  /** Returns what to send instead of a record that the producer has refused. */
  refused(record: ProducerRecord, error: unknown): readonly ProducerRecord[] {
    const { onProductionError: policy } = this.#settings;
    const { topic, partition, key, timestampMs } = record;
    const what = unwritable(topic);
    if (policy === 'fail') throw failed(what, error);
    this.#skip(what, { error, reason: 'production_error' });
    if (policy === 'skip' || topic === policy.deadLetter) return [];
    const headers = this.#judgement({ topic, partition }, error);
    return [{ topic: policy.deadLetter, key, value: null, timestampMs, headers }];
  }

  #answer(contents: LetterContents, place: Place, failure: Failure, letters: LetterBox): void {
    const { error, what, reason, policy } = failure;
    if (policy === 'fail') throw failed(what, error);
    this.#skip(what, { error, reason });
    if (policy === 'skip') return;
    const { key, value, timestampMs, headers } = withinLimit(contents);
    const judgement = this.#judgement(place, error);
    letters.collect({
      topic: policy.deadLetter,
      partition: undefined,
      partitionKey: key,
      key,
      value,
      timestampMs,
      headers: headers.concat(judgement.map(([name, text]) => ({ name, value: Buffer.from(text) }))),
    });
  }

  #skip(what: string, { error, reason }: Pick<Failure, 'error' | 'reason'>): void {
    const { applicationId, logger } = this.#settings;
    logger.warn({ err: error }, `${what}, and is skipped`);
    report('dropped', { applicationId, task: this.#task, reason });
  }

  /** The headers of a dead letter, with the same names as those of this library's consumers. */
  #judgement(
    { topic, partition, offset, node }: Place,
    error: unknown,
  ): readonly (ProducerHeader & readonly [string, string])[] {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const headers: Readonly<Record<string, string | undefined>> = {
      dlq_reason: message.slice(0, reasonCharactersMax),
      dlq_stack: (stack ?? '').slice(0, stackCharactersMax),
      dlq_topic: topic === '' ? undefined : topic,
      dlq_partition: partition?.toString(),
      dlq_offset: offset?.toString(),
      dlq_node: node,
      dlq_group: this.#settings.applicationId,
    };
    return Object.entries(headers).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, text] as const],
    );
  }
}

/**
 * Leaves out the value of a dead letter that would be too large, and key and headers if these are too
 * large as well. As in the dead letters of this library's consumers, `dlq_value_omitted` and
 * `dlq_key_omitted` (in bytes) and `dlq_headers_omitted` (a count) report it.
 */
function withinLimit(contents: LetterContents): LetterContents {
  const { key, value, headers } = contents;
  const valueBytes = value?.length ?? 0;
  const keyBytes = key?.length ?? 0;
  const otherBytes = headers.reduce((sum, each) => sum + headerBytes(each), keyBytes);
  if (valueBytes + otherBytes <= letterBytesMax) return contents;
  const omitted = (part: string, size: number): Header => ({
    name: `dlq_${part}_omitted`,
    value: Buffer.from(String(size)),
  });
  const noValue = { ...contents, value: null, headers: headers.concat(omitted('value', valueBytes)) };
  if (otherBytes <= letterBytesMax) return noValue;
  return {
    ...noValue,
    key: null,
    headers: [omitted('value', valueBytes), omitted('key', keyBytes), omitted('headers', headers.length)],
  };
}

/** At most 10 bytes say how long name and value are. */
const headerBytes = ({ name, value }: Header): number => Buffer.byteLength(name) + (value?.length ?? 0) + 10;

const unwritable = (topic: string): string => `a record for ${topic} could not be written`;

/** Returns the bytes of the record that is being processed, if that is the failed one. */
function contentsOf(context: RecordContext, raw: InputRecord | undefined): LetterContents {
  const { topic, partition, offset, timestampMs, headers } = context;
  const isRaw = raw?.offset === offset && raw.partition === partition && raw.topic === topic;
  return isRaw ? raw : { key: null, value: null, timestampMs, headers };
}

/** Returns the position of a record. A callback has none. */
const placeOf = ({ topic, partition, offset }: RecordContext): Place =>
  topic === '' ? { topic } : { topic, partition, offset };

const nameOf = ({ topic, partition, offset }: RecordMetadata): string =>
  `the record ${offset} of ${topic}/${partition}`;

/** The producer's limit of 1,000,000 leaves room for the headers of the dead letter. */
const letterBytesMax = 950_000;
const reasonCharactersMax = 1_000;
const stackCharactersMax = 4_000;

const failed = (what: string, error: unknown) =>
  new StreamsError('record_failed', `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
