import { createCallHandling, type CallRow } from './call-handling.ts';
import { ExternalCallError } from './external-call-error.ts';
import { CLAIM_CALLS } from './external-calls.sql.ts';
import { createPolling, type Finding, type Polling } from '../../runtime/polling.ts';
import { callWorker } from './request.ts';
import { createWakeUps } from './wake-ups.ts';
import type { ExternalCallWorkerOptions } from './worker-options.ts';

/**
 * A worker whose `stop` resolves when no call is in flight. Calls that did not end in time are
 * given back and queried later.
 */
export interface ExternalCallWorker extends Polling {
  /** The name under which `workLeftBy` reports work for it. */
  readonly worker: string;
}

/**
 * Claims the calls of one kind, makes each one outside any transaction, and records its result in
 * the transaction that deletes the call. Calls do not wait for each other. The worker retries a
 * failed call when it is due; for all other calls it looks when it is notified, and at intervals in
 * case it was not. When a worker dies,
 * another one claims its calls once their leases end. It queries each call and, if the outcome is
 * unknown, repeats it with the same key. A worker whose call was taken over records nothing.
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
  let interruption = new AbortController();
  const polling = createPolling(claim, { clock, logger, name: callWorker(kind), idleMsMax });

  async function claim(): Promise<Finding> {
    const free = concurrency - inFlight.size;
    if (free === 0) return 'nothing';
    const { rows } = await database.query<CallRow>(CLAIM_CALLS, [kind, leaseMs, free]);
    for (const row of rows) track(handle(row, interruption.signal));
    return rows.length > 0 ? 'all' : 'nothing';
  }

  function track(handling: Promise<void>): void {
    const tracked = handling.finally(() => {
      if (inFlight.size === concurrency) polling.notify(); // another call may be waiting for this slot
      inFlight.delete(tracked);
    });
    inFlight.add(tracked);
  }

  return {
    worker: callWorker(kind),
    start() {
      if (interruption.signal.aborted) interruption = new AbortController();
      polling.start();
    },
    async stop() {
      await polling.stop();
      const interrupting = interruption;
      const cancel = clock.after(drainMsMax, () => interrupting.abort());
      await Promise.all(inFlight);
      cancel();
      retries.cancel();
    },
    notify: polling.notify,
  };
}
