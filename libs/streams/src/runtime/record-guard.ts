import type { ProducerHeader, ProducerRecord } from '@millrace/streaming-core/client';
import type { ProducedRecord } from '../task/record-collector.ts';
import type { DecodedRecord } from '../task/task-record.ts';
import type { InputRecord } from './raw-records.ts';
import { StreamsError } from './streams-error.ts';
import type { ErrorPolicy } from './streams-settings.ts';

interface GuardParts {
  readonly applicationId: string;
  readonly onDeserializationError: ErrorPolicy;
  readonly onProcessingError: ErrorPolicy;
  readonly onProductionError: ErrorPolicy;
  /** Called for each record that is skipped or becomes a dead letter. */
  readonly onSkipped: (what: string, error: unknown) => void;
}

/** Where dead letters go, so that they are committed with the rest. */
interface LetterBox {
  collect(record: ProducedRecord): void;
}

/** Answers errors about single records as the policies of the application say. */
export class RecordGuard {
  readonly #parts: GuardParts;

  constructor(parts: GuardParts) {
    this.#parts = parts;
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
      this.#answer(raw, { error, verb: 'decoded', policy: this.#parts.onDeserializationError }, letters);
      return undefined;
    }
  }

  /** What the nodes did before one of them threw stays done if the record is skipped. */
  process(raw: InputRecord, work: () => void, letters: LetterBox): void {
    try {
      work();
    } catch (error) {
      this.#answer(raw, { error, verb: 'processed', policy: this.#parts.onProcessingError }, letters);
    }
  }

  /** Returns what to send instead of a record that the producer has refused. */
  refused(record: ProducerRecord, error: unknown): readonly ProducerRecord[] {
    const { onProductionError: policy, onSkipped } = this.#parts;
    const { topic, partition, key, timestampMs } = record;
    const what = `a record for ${topic} could not be written`;
    if (policy === 'fail') throw failure(what, error);
    onSkipped(what, error);
    if (policy === 'skip' || topic === policy.deadLetter) return [];
    const headers = this.#judgement({ topic, partition }, error);
    return [{ topic: policy.deadLetter, key, value: null, timestampMs, headers }];
  }

  #answer(
    raw: InputRecord,
    { error, verb, policy }: { readonly error: unknown; readonly verb: string; readonly policy: ErrorPolicy },
    letters: LetterBox,
  ): void {
    const { topic, partition, offset, key, value, timestampMs, headers } = raw;
    const what = `the record ${offset} of ${topic}/${partition} could not be ${verb}`;
    if (policy === 'fail') throw failure(what, error);
    this.#parts.onSkipped(what, error);
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
      dlq_group: this.#parts.applicationId,
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
