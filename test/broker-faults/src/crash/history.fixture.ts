import type { LogSurvey, SurveyedPartition, SurveyedRecord } from './log-survey.ts';
import {
  emptyBook,
  type Asked,
  type BatchAsked,
  type PromiseBook,
  type TopicAsked,
  type TransactionEnd,
} from './promise-book.ts';

interface Placed {
  readonly askedAt?: number;
  readonly doneAt?: number | undefined;
  readonly offset?: bigint;
  readonly acks?: BatchAsked['acks'];
  /** Whether the batch belongs to the transaction that was begun last. */
  readonly inTransaction?: boolean;
}

const group = 'g';

/**
 * A history of one topic, written by hand: the requests and answers, and what is seen after the
 * crash.
 */
export class History {
  readonly book: PromiseBook = emptyBook();
  readonly #partitions = new Map<string, SurveyedPartition>();
  #topicId: string | undefined = 'id';
  #offsets: ReadonlyMap<string, bigint> | number = new Map();

  topic(name: string, options: Partial<TopicAsked> = {}): this {
    this.book.topics.push({ askedAt: 1, doneAt: 2, partitions: 1, topicId: 'id', ...options, name });
    return this.seesPartition(0);
  }

  batch(values: string | readonly string[], placed: Placed): this {
    const all = typeof values === 'string' ? [values] : values;
    const bytes = Buffer.alloc(all.length);
    this.book.batches.push({
      ...this.#asked(placed),
      values: all,
      session: 's',
      acks: placed.acks ?? -1,
      bytes,
      idempotent: false,
    });
    return this;
  }

  put(key: string, value: string | null, placed: Placed): this {
    this.book.puts.push({ ...this.#asked(placed), entries: [{ key, value }] });
    return this;
  }

  transaction(end?: TransactionEnd): this {
    this.book.transactions.push({
      askedAt: 3,
      transactionalId: 'id',
      producerId: 1n,
      producerEpoch: 0,
      protocol: 1,
      end,
    });
    return this;
  }

  commit(offset: bigint, placed: Placed = {}): this {
    const { topic, ...asked } = this.#asked(placed);
    this.book.commits.push({ ...asked, group, topic: topic.name, offset });
    return this;
  }

  deletion(offset: bigint, placed: Placed = {}): this {
    this.book.deletions.push({ ...this.#asked(placed), offset });
    return this;
  }

  sees(offset: bigint, value: string | null, { key = 's', isCommitted }: Partial<SurveyedRecord> = {}): this {
    const inTransaction = this.book.batches.some(
      (batch) => batch.transaction !== undefined && batch.values.includes(String(value)),
    );
    return this.#change(({ records, ...rest }) => ({
      ...rest,
      records: [...records, { offset, key, value, isCommitted: isCommitted ?? !inTransaction }],
      ...this.#reaching(rest, offset + 1n),
    }));
  }

  marker(offset: bigint): this {
    return this.#change(({ markers, ...rest }) => ({
      ...rest,
      markers: [...markers, { offset }],
      ...this.#reaching(rest, offset + 1n),
    }));
  }

  startsAt(start: bigint): this {
    return this.#change((found) => ({ ...found, start }));
  }

  endsAt(end: bigint): this {
    return this.#change((found) => ({ ...found, end, stable: end }));
  }

  stableTo(stable: bigint): this {
    return this.#change((found) => ({ ...found, stable }));
  }

  refuses(errorCode: number): this {
    return this.#change((found) => ({ ...found, errorCode }));
  }

  seesPartition(partition: number): this {
    const name = `${this.#topic.name}-${partition}`;
    this.#partitions.set(name, { start: 0n, end: 0n, stable: 0n, records: [], markers: [] });
    return this;
  }

  hidesTopic(): this {
    this.#topicId = undefined;
    return this;
  }

  hasTopicId(topicId: string): this {
    this.#topicId = topicId;
    return this;
  }

  seesOffset(offset: bigint): this {
    this.#offsets = new Map([[`${this.#topic.name}-0`, offset]]);
    return this;
  }

  refusesGroup(errorCode: number): this {
    this.#offsets = errorCode;
    return this;
  }

  survey(): LogSurvey {
    const topicIds = new Map(this.#topicId === undefined ? [] : [[this.#topic.name, this.#topicId]]);
    return { topicIds, partitions: this.#partitions, offsets: new Map([[group, this.#offsets]]) };
  }

  get #topic(): TopicAsked {
    return this.book.topics[0]!;
  }

  #asked({ offset, inTransaction, ...times }: Placed) {
    const asked: Asked = { askedAt: 3, doneAt: 4, ...times };
    const transaction = inTransaction === true ? this.book.transactions.at(-1) : undefined;
    return { ...asked, topic: this.#topic, partition: 0, offset, transaction };
  }

  #reaching({ end, stable }: Pick<SurveyedPartition, 'end' | 'stable'>, offset: bigint) {
    return { end: offset > end ? offset : end, stable: offset > stable ? offset : stable };
  }

  #change(change: (found: SurveyedPartition) => SurveyedPartition): this {
    const name = `${this.#topic.name}-0`;
    this.#partitions.set(name, change(this.#partitions.get(name)!));
    return this;
  }
}
