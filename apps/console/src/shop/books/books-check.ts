import { Injectable } from '@nestjs/common';
import { countedInWords, databasesOf, isPassing, lastingViolations, lookAtBooks } from '@millrace/books';
import { OperationFailed, whyUnreachable } from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';
import { systemClock } from '@millrace/streaming-core/runtime';
import { BehaviorSubject, type Observable } from 'rxjs';
import { System } from '../../system/system.ts';
import type { BooksEnd, BooksProgress, BooksView } from './views.ts';

/** How long the books may disagree because of work under way. */
const waitMs = 10_000;
const lookEveryMs = 1_000;
const pauseMsMin = 10_000;
const checkMsMax = 180_000;
const statementMsMax = 60_000;
/**
 * The largest number of orders. More would block the console, which compares them in its own
 * process.
 */
const ordersMax = 20_000;
const violationsShown = 100;

/** Checks the books of the shop, as `millrace verify` does, one check at a time. */
@Injectable()
export class BooksCheck {
  readonly #views = new BehaviorSubject<BooksView>({ running: null, last: null });
  #stop: AbortController | undefined;
  #endedMs = -Infinity;

  constructor(private readonly system: System) {}

  get views(): Observable<BooksView> {
    return this.#views;
  }

  /**
   * Starts a check, unless one is running. Throws a 429 soon after the last one, because a check is
   * expensive.
   */
  start(): void {
    if (this.#stop !== undefined) return;
    const pauseMs = this.#endedMs + pauseMsMin - systemClock.monotonic();
    if (pauseMs > 0) {
      const seconds = Math.ceil(pauseMs / 1_000);
      const title = `A check reads everything that the shop has: wait ${seconds} s before the next one`;
      throw new ProblemError(429, 'checked_just_now', title, {}, { retryAfterSeconds: seconds });
    }
    const databases = this.#databases();
    const readUrl = this.system.addresses.readDatabase('order');
    this.#stop = new AbortController();
    void this.#run({ databases, readUrl }, this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
  }

  #databases() {
    const { addresses } = this.system;
    const missing: string[] = [];
    const databases = databasesOf((service) => {
      try {
        return addresses.database({ service });
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        missing.push(`${service.toUpperCase()}_DATABASE_URL`);
        return '';
      }
    });
    if (missing.length === 0) return databases;
    const title = `The console does not know every database of the shop: set ${missing.join(', ')} for it`;
    throw new ProblemError(409, 'no_databases', title);
  }

  async #run(where: Pick<Parameters<typeof lookAtBooks>[0], 'databases' | 'readUrl'>, stopped: AbortSignal) {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(checkMsMax)]);
    let hasLooked = false;
    const show = (running: BooksProgress) => this.#views.next({ ...this.#views.value, running });
    const onStep = (step: Omit<BooksProgress, 'unit'>) => {
      if (!hasLooked) show({ ...step, unit: 'part' });
    };
    const onLook = (left: number, waitedMs: number) => {
      hasLooked = true;
      const doing = `looking again, since work under way looks like a difference (${left} left)`;
      show({ doing, unit: 'second', done: Math.floor(waitedMs / 1_000), of: waitMs / 1_000 });
    };
    const look = () => lookAtBooks({ ...where, signal, statementMsMax, ordersMax, onStep });
    const looking = { look, waitMs, everyMs: lookEveryMs, clock: systemClock, signal, onLook };
    const end = await lastingViolations(looking).then(
      (found) => (stopped.aborted ? stoppedEarly : compared(found)),
      (error: unknown) => (stopped.aborted ? stoppedEarly : failed(error)),
    );
    this.#stop = undefined;
    this.#endedMs = systemClock.monotonic();
    const endedAt = new Date(systemClock.now()).toISOString();
    this.#views.next({ running: null, last: { ...end, endedAt } });
  }
}

const stoppedEarly: BooksEnd = { end: 'stopped' };

const failed = (error: unknown): BooksEnd => ({
  end: 'failed',
  reason: error instanceof OperationFailed ? error.message : whyUnreachable(error),
});

function compared({ found, counted }: Awaited<ReturnType<typeof lastingViolations>>): BooksEnd {
  const violations = found
    .slice(0, violationsShown)
    .map((one) => ({ ...one, mayBeUnderWay: isPassing(one) }));
  return { end: 'compared', counted: countedInWords(counted), violations, violationsInAll: found.length };
}
