import type { ProducerHeader, ProducerRecord } from '@millrace/streaming-core/client';
import type { ProducedRecord } from '../task/record-collector.ts';
import type { DecodedRecord } from '../task/task-record.ts';
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
  readonly verb: 'decoded' | 'processed';
  /** What the record is counted as. */
  readonly reason: 'deserialization_error' | 'processing_error' | 'production_error';
  readonly policy: ErrorPolicy;
}

/** Where dead letters go, so that they are committed with the rest. */
interface LetterBox {
  collect(record: ProducedRecord): void;
}

/**
 * Answers errors about single records of one task as the policies of the application say. What a
 * policy lets pass is logged and counted as dropped, whatever becomes of the record.
 */
export class RecordGuard {
  readonly #settings: GuardSettings;
  readonly #task: string;

  constructor(settings: GuardSettings, task: string) {
    this.#settings = settings;
    this.#task = task;
  }

  /** Returns undefined for a record that is skipped. */
  decode(
    raw: InputRecord,
    work: () => DecodedRecord | undefined,
    letters: LetterBox,
  ): DecodedRecord | undefined {
    try {
      return work();
    } catch (error) {
      const policy = this.#settings.onDeserializationError;
      this.#answer(raw, { error, verb: 'decoded', reason: 'deserialization_error', policy }, letters);
      return undefined;
    }
  }

  /** What the nodes did before one of them threw stays done if the record is skipped. */
  process(raw: InputRecord, work: () => void, letters: LetterBox): void {
    try {
      work();
    } catch (error) {
      const policy = this.#settings.onProcessingError;
      this.#answer(raw, { error, verb: 'processed', reason: 'processing_error', policy }, letters);
    }
  }

  /** Returns what to send instead of a record that the producer has refused. */
  refused(record: ProducerRecord, error: unknown): readonly ProducerRecord[] {
    const { onProductionError: policy } = this.#settings;
    const { topic, partition, key, timestampMs } = record;
    const what = `a record for ${topic} could not be written`;
    if (policy === 'fail') throw failure(what, error);
    this.#skip(what, { error, reason: 'production_error' });
    if (policy === 'skip' || topic === policy.deadLetter) return [];
    const headers = this.#judgement({ topic, partition }, error);
    return [{ topic: policy.deadLetter, key, value: null, timestampMs, headers }];
  }

  #answer(raw: InputRecord, { error, verb, reason, policy }: Failure, letters: LetterBox): void {
    const { topic, partition, offset, key, value, timestampMs, headers } = raw;
    const what = `the record ${offset} of ${topic}/${partition} could not be ${verb}`;
    if (policy === 'fail') throw failure(what, error);
    this.#skip(what, { error, reason });
    if (policy === 'skip') return;
    const judgement = this.#judgement({ topic, partition, offset }, error);
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

  /** The headers of a dead letter, named as those of the consumers of this library. */
  #judgement(
    place: { readonly topic: string; readonly partition?: number; readonly offset?: bigint },
    error: unknown,
  ): readonly (ProducerHeader & readonly [string, string])[] {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const { topic, partition, offset } = place;
    const headers: Readonly<Record<string, string | undefined>> = {
      dlq_reason: message.slice(0, reasonCharactersMax),
      dlq_stack: (stack ?? '').slice(0, stackCharactersMax),
      dlq_topic: topic,
      dlq_partition: partition?.toString(),
      dlq_offset: offset?.toString(),
      dlq_group: this.#settings.applicationId,
    };
    return Object.entries(headers).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, text] as const],
    );
  }
}

const reasonCharactersMax = 1_000;
const stackCharactersMax = 4_000;

const failure = (what: string, error: unknown) =>
  new StreamsError('record_failed', `${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
