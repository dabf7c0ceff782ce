import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { RecordBatch } from '../../records/record-batch.ts';
import { recordsOf } from '../../records/records.ts';
import { ClientError } from '../errors/client-error.ts';
import { encodeBatch } from './batch-encoding.ts';
import { PartitionLogFake, type WrittenRequest } from './partition-log.fake.ts';
import { PartitionPipeline } from './partition-pipeline.ts';
import type { AssignedIdentity } from './partition-sequence.ts';
import { PendingSend } from './pending-send.ts';
import { encodeRecord } from './record-encoding.ts';

const at = { topic: 'orders', partition: 0 };
const settings = {
  idempotence: true,
  retries: Infinity,
  lingerMs: 0,
  batchBytesMax: 200,
  requestRecordsMax: 3,
  deliveryTimeoutMs: 100,
};

/**
 * The faults that the caller does not notice. `late` is a request of a lost connection that
 * arrives after all.
 */
const passing = [
  'append',
  'append',
  'send',
  'send',
  'send',
  'answer',
  'answer',
  'answer',
  'refuse for now',
  'write without saying so',
  'lose connection',
  'late',
  'tick',
] as const;
const all = [...passing, 'refuse permanently', 'expire', 'forget', 'end'] as const;
type Step = (typeof all)[number];

/** A producer without transactions, or one with a version of the transaction protocol. */
type Kind = 'plain' | 'protocol 1' | 'protocol 2';

const producerId = 7n;

/** A pipeline, the log of its partition and the network between them. */
class Run {
  readonly log = new PartitionLogFake();
  readonly sends: PendingSend[] = [];
  readonly #pipeline: PartitionPipeline<WrittenRequest[]>;
  readonly #kind: Kind;
  #identity: AssignedIdentity;
  #connection: WrittenRequest[] = [];
  readonly #lost: WrittenRequest[][] = [];
  #now = 0;

  /** The number of sends before the open transaction. */
  #sendsBefore = 0;
  #ending = false;

  constructor(maxInFlight: number, kind: Kind) {
    this.#kind = kind;
    this.#identity = { producerId, producerEpoch: 0, raisable: kind === 'plain', usedUp: false };
    const hooks = { onSealed: () => {}, onSettled: () => {}, onWithdrawn: () => {} };
    this.#pipeline = new PartitionPipeline(at, { ...settings, maxInFlight }, hooks);
  }

  get isIdle(): boolean {
    return this.#pipeline.isIdle;
  }

  step(step: Step): void {
    const network: Readonly<Record<Step, () => void>> = {
      append: () => this.#append(),
      send: () => this.#send(),
      tick: () => void (this.#now += 10),
      answer: () => this.#answer((request) => this.#judge(request)),
      'refuse for now': () => this.#answer(({ batch }) => this.#fail(batch, false)),
      'refuse permanently': () =>
        this.#answer(({ batch }) => this.#pipeline.refused(batch, new ClientError('record_too_large', ''))),
      'write without saying so': () =>
        this.#answer((request) => {
          const answer = this.log.append(request);
          if (answer === 'written' || answer === 'duplicate') this.#fail(request.batch, true);
          else this.#pipeline.outOfOrder(request.batch, new ClientError('broker_error', answer), 0);
        }),
      'lose connection': () => this.#loseConnection(),
      late: () => {
        const late = this.#lost.find((requests) => requests.length > 0)?.shift();
        if (late) this.log.append(late);
      },
      end: () => {
        this.#ending = this.#kind !== 'plain';
      },
      forget: () => {
        if (this.#noneIsOpen) this.log.forget();
      },
      expire: () => {
        this.#now = Math.max(this.#now, Math.min(this.#pipeline.deadline, this.#now + 100));
        if (this.#pipeline.expire(this.#now)) this.#loseConnection();
      },
    };
    network[step]();
    if (this.#ending) this.#end();
  }

  /**
   * True if the broker has processed no request whose answer the client lacks. Kafka, too, writes
   * such a batch twice if it forgets the producer before the batch is repeated.
   */
  get #noneIsOpen(): boolean {
    const asked = new Set(this.#connection.map(({ batch }) => batch));
    const isOpen = this.#pipeline.waiting.some((batch) => batch.uncertain && !asked.has(batch));
    const repeated = this.#connection.some(({ repeats }) => repeats);
    return !isOpen && !repeated && this.#lost.every((requests) => requests.length === 0);
  }

  /**
   * Ends the transaction once nothing of it is waiting. The next one has a higher epoch after a
   * failure, and always with protocol 2.
   */
  #end(): void {
    for (const batch of [...this.#pipeline.waiting])
      if (batch.takenAt === undefined)
        this.#pipeline.giveUp(batch, new ClientError('aborted', 'the transaction was aborted'));
    if (this.#pipeline.waiting.length > 0) return;
    const errors = this.sends.slice(this.#sendsBefore).flatMap((send) => send.errors);
    const failed = errors.some(({ code }) => code !== 'aborted');
    if (failed) this.#loseConnection();
    if (failed || this.#kind === 'protocol 2') {
      const producerEpoch = this.#identity.producerEpoch + 1;
      this.#identity = { producerId, producerEpoch, raisable: false, usedUp: false };
      this.log.raiseEpoch(producerId, producerEpoch);
    }
    this.#sendsBefore = this.sends.length;
    this.#ending = false;
  }

  #append(): void {
    if (this.#ending) return;
    const send = new PendingSend(1);
    const value = String(this.sends.length);
    this.sends.push(send);
    const record = encodeRecord({ topic: at.topic, key: null, value }, 0, 0, 1_000);
    this.#pipeline.append(record, send, this.#now);
  }

  #send(): void {
    if (this.#pipeline.dueAt(false) > this.#now) return;
    if (this.#identity.usedUp && this.#kind !== 'plain')
      for (const batch of [...this.#pipeline.waiting])
        this.#pipeline.giveUp(batch, new ClientError('transaction_failed', 'abort it'));
    const route = { connection: this.#connection, topicId: 'id' };
    const batch = this.#pipeline.take(this.#now, route, this.#identity);
    if (batch === undefined) return;
    const repeats = batch.uncertain;
    batch.sent();
    const bytes = encodeBatch(batch.records, { transactional: false, compression: 'none' }) as Buffer;
    const values = recordsOf(new RecordBatch(bytes))!.map(({ value }) => String(value));
    this.#connection.push({ batch, origin: batch.origin!, values, repeats });
  }

  #answer(judge: (request: WrittenRequest) => void): void {
    const request = this.#connection.shift();
    if (request) judge(request);
  }

  #judge(request: WrittenRequest): void {
    const answer = this.log.append(request);
    if (answer === 'written' || answer === 'duplicate') this.#pipeline.written(request.batch, -1n, this.#now);
    else this.#pipeline.outOfOrder(request.batch, new ClientError('broker_error', answer), this.#now);
  }

  #fail(batch: WrittenRequest['batch'], open: boolean): void {
    this.#pipeline.failed(batch, new ClientError('unreachable', 'failed'), { open, retryAt: this.#now });
  }

  #loseConnection(): void {
    const lost = this.#connection;
    this.#connection = [];
    this.#lost.push([...lost]);
    for (const { batch } of lost) this.#fail(batch, true);
  }
}

function play(schedule: readonly Step[], maxInFlight: number, kind: Kind = 'plain'): Run {
  const run = new Run(maxInFlight, kind);
  for (const step of schedule) run.step(step);
  for (let rest = 0; !run.isIdle; rest += 1) {
    if (rest > 1_000) throw new Error('the pipeline is stuck');
    for (const step of ['send', 'send', 'answer', 'answer', 'late'] as const) run.step(step);
  }
  for (let late = 0; late < 300; late += 1) run.step('late');
  return run;
}

/** Checks that the records are on the log in order, and as often as their results say. */
function check({ log, sends }: Run): void {
  const order = log.values.map(Number);
  expect(order).toEqual([...new Set(order)].sort((left, right) => left - right));
  const written = new Set(order);
  sends.forEach((send, value) => {
    const failure = failureOf(send);
    if (failure === undefined || /are not on the log/.test(failure))
      expect({ value, written: written.has(value) }).toEqual({ value, written: failure === undefined });
  });
}

function failureOf(send: PendingSend): string | undefined {
  try {
    send.outcome();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Schedules that would break a rule if the pipeline forgot it. */
const breakingOrder = [
  'append,send,answer,forget,append,send,append,send,refuse for now,answer,forget,append,append',
  'append,send,append,answer,send,append,send,append,append,lose connection,append,send,append,append,' +
    'append,refuse permanently,append,append,send,expire,append,append,append,send,' +
    'refuse permanently,send,write without saying so',
];
const breakingDelivery = [
  'append,send,append,send,refuse for now,append,append,append',
  'append,send,answer,append,send,append,send,append,send,write without saying so,append,append,append,' +
    'answer,append,answer,append,append,append,append,send,send,send,send,append,append,append,append,' +
    'write without saying so',
];
const examplesOf = (known: readonly string[]): [Step[]][] => known.map((text) => [text.split(',') as Step[]]);

const schedules = (of: readonly Step[]) =>
  fc.array(fc.constantFrom(...of), { minLength: 20, maxLength: 200 });

describe.each([1, 5])('the batches of a partition, with %i in flight', (maxInFlight) => {
  it('L40 are written in order, never twice, and as often as their results say, whatever fails', () => {
    fc.assert(
      fc.property(schedules(all), (schedule) => check(play(schedule, maxInFlight))),
      { numRuns: 1_000, examples: examplesOf(breakingOrder) },
    );
  });

  it('L40 are all written if every failure passes', () => {
    fc.assert(
      fc.property(schedules(passing), (schedule) => {
        const run = play(schedule, maxInFlight);

        expect(run.sends.map(failureOf).filter(Boolean)).toEqual([]);
        expect(run.log.values).toEqual(run.sends.map((_send, value) => String(value)));
      }),
      { numRuns: 1_000, examples: examplesOf(breakingDelivery) },
    );
  });
});

describe.each<Kind>(['protocol 1', 'protocol 2'])('L94 the batches of transactions with %s', (kind) => {
  it('are on the log in order, once, and only if their results do not deny it', () => {
    fc.assert(
      fc.property(schedules(all), (schedule) => check(play(schedule, 5, kind))),
      { numRuns: 1_000 },
    );
  });
});
