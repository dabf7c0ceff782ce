import { createCallHandling } from './call-handling.ts';
import { callWorker, type CallRow, ExternalCallError } from './external-call.ts';
import type { ReservingWorker } from './claim-on-insert.ts';
import { CLAIM_CALLS } from './external-calls.sql.ts';
import { createPolling, type Finding, type Polling } from '../../runtime/polling.ts';
import type { ExternalCallWorkerOptions } from './worker-options.ts';
import { milliseconds, type Clock, type DurationMs } from '../../runtime/index.ts';

/**
 * A worker whose `stop` resolves when no call is in flight. Calls that did not end in time are
 * given back and queried later.
 */
export interface ExternalCallWorker extends Polling, ReservingWorker {
  /** The name by which transactions wake it (`wakeAfterCommit`). */
  readonly worker: string;
}

/**
 * Claims the calls of one kind, makes each one outside any transaction, and records its result in
 * the transaction that deletes the call. A call that this process requests is claimed when it is
 * inserted, if a slot is free. Calls do not wait for each other.
 *
 * The worker retries a failed call when it is due. It looks for all other calls when it is
 * notified, and at intervals in case it was not. When a worker dies, another one claims its calls
 * once their leases end. It queries each call and, if the outcome is unknown, repeats it with the
 * same key. A worker whose call was taken over records nothing.
 */
export function createExternalCallWorker<Payload, Result>(
  options: ExternalCallWorkerOptions<Payload, Result>,
): ExternalCallWorker {
  const {
    database,
    kind,
    clock,
    logger,
    concurrency = 8,
    callTimeoutMs = 10_000,
    leaseMs = callTimeoutMs + 5_000,
  } = options;
  const { drainMsMax = 5_000, idleMsMax = 1_000 } = options;
  if (leaseMs <= callTimeoutMs)
    throw new ExternalCallError(
      'invalid_settings',
      `${kind}: leaseMs (${leaseMs}) must be longer than callTimeoutMs (${callTimeoutMs})`,
    );
  const retries = createWakeUps(clock, () => polling.notify());
  const handle = createCallHandling({ ...options, callTimeoutMs, onPostponed: retries.wakeIn });
  const inFlight = new Set<Promise<void>>();
  /** The number of slots that are kept free for transactions. */
  let reserved = 0;
  let isRunning = false;
  let interruption = new AbortController();
  const polling = createPolling(claim, { clock, logger, name: callWorker(kind), idleMsMax });

  async function claim(): Promise<Finding> {
    const free = freeSlots();
    if (free <= 0) return 'nothing';
    const { rows } = await database.query<CallRow>(CLAIM_CALLS, [kind, leaseMs, free]);
    for (const row of rows) track(handle(row, interruption.signal));
    return rows.length > 0 ? 'all' : 'nothing';
  }

  /** Negative if a transaction has reserved slots while a claim was being answered. */
  const freeSlots = () => concurrency - inFlight.size - reserved;

  function use(slots: number, calls: readonly CallRow[]): void {
    if (freeSlots() <= 0 && calls.length < slots) polling.notify();
    reserved -= slots;
    for (const call of calls) track(handle(call, interruption.signal));
  }

  function track(handling: Promise<void>): void {
    const tracked = handling.finally(() => {
      if (freeSlots() <= 0) polling.notify(); // another call may be waiting for this slot
      inFlight.delete(tracked);
    });
    inFlight.add(tracked);
  }

  return {
    worker: callWorker(kind),
    start() {
      if (interruption.signal.aborted) interruption = new AbortController();
      isRunning = true;
      polling.start();
    },
    async stop() {
      isRunning = false;
      await polling.stop();
      const interrupting = interruption;
      const cancel = clock.after(drainMsMax, () => interrupting.abort());
      while (inFlight.size > 0) await Promise.all(inFlight);
      cancel();
      interrupting.abort(); // a transaction that still commits gives its calls back
      retries.cancel();
    },
    reserve(calls) {
      const count = isRunning ? Math.min(calls, freeSlots()) : 0;
      if (count <= 0) return undefined;
      reserved += count;
      return { count, leaseMs, use: (claimed) => use(count, claimed) };
    },
    notify: polling.notify,
  };
}

/** Wake-ups within the same slot share one timer, so that many retries need few timers. */
const slotMs = milliseconds(20);

interface WakeUps {
  /** Wakes at the end of the slot in which the span is over. */
  wakeIn(span: DurationMs): void;
  cancel(): void;
}

export function createWakeUps(clock: Clock, wake: () => void): WakeUps {
  const pending = new Map<number, () => void>();
  return {
    wakeIn(span) {
      const now = clock.monotonic();
      const slot = Math.ceil((now + span) / slotMs);
      if (pending.has(slot)) return;
      const fire = () => {
        pending.delete(slot);
        wake();
      };
      pending.set(slot, clock.after(slot * slotMs - now, fire));
    },
    cancel() {
      for (const cancel of pending.values()) cancel();
      pending.clear();
    },
  };
}
