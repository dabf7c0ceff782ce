import { OperationFailed, OpsRefusal, type OpsClient } from '@millrace/operations/client';
import { pause } from '@millrace/streaming-core/runtime';
import type { Call } from '../../command/command.ts';

/** The answer of a service that cannot erase yet. */
export interface Waiting {
  readonly state: 'waiting' | 'active' | 'ready';
  /** `closing`: other processes may not know of the erasure yet. `open_work`: `open` names it. */
  readonly reason?: string;
  readonly until?: string;
  /** The names of what still needs the data, by kind. */
  readonly open?: Readonly<Record<string, readonly string[]>>;
}

/** The answer of a service that has destroyed its key. */
interface Erased {
  readonly state: 'erased';
  readonly at: string;
  /** Whether it ever had a key of the customer. Earlier releases do not say. */
  readonly hadKey?: boolean;
  /** How much in plain text it has cleared, by kind. */
  readonly cleared?: Readonly<Record<string, number>>;
  /** False if the write-ahead log of the keys still has the bytes of the key. */
  readonly walRemoved?: boolean;
}

export interface Erasure {
  readonly customer: string;
  readonly reason: string;
  /** The customer's orders, by which a service finds what older releases have stored. */
  readonly orders: readonly string[];
  /** The command stops waiting then, by the monotonic clock. */
  readonly deadlineMs: number;
}

export type ServiceOutcome = { readonly service: string } & (
  | Erased
  | Waiting
  | { readonly state: 'failed'; readonly problem: string }
  /** The service has no personal data. */
  | { readonly state: 'none' }
);

/** A service accepts at least this many ids at once. */
const idsMax = 500;
const everyMs = 500;

/** Asks a service to erase a customer until it has, until the deadline, or until it fails. */
export async function eraseAtService(call: Call, ops: OpsClient, erasure: Erasure): Promise<ServiceOutcome> {
  const { terminal, clock, signal } = call.session;
  const { service } = ops;
  try {
    for (;;) {
      const answer = await askOnce(ops, erasure);
      if (answer.state === 'erased' || signal.aborted || clock.monotonic() >= erasure.deadlineMs)
        return { service, ...answer };
      terminal.draw(`${service} waits: ${whyWaiting(answer)}`);
      await pause(clock, everyMs, signal);
    }
  } catch (error) {
    if (error instanceof OpsRefusal && error.status === 404) return { service, state: 'none' };
    if (!(error instanceof OperationFailed)) throw error;
    return { service, state: 'failed', problem: error.message };
  } finally {
    terminal.draw('');
  }
}

/** Sends the ids in parts, and returns the last answer. A service that waits gets no further part. */
async function askOnce(ops: OpsClient, { customer, reason, orders }: Erasure): Promise<Erased | Waiting> {
  for (let from = 0; ; from += idsMax) {
    const ids = orders.slice(from, from + idsMax);
    const more = from + idsMax < orders.length;
    const path = `/ops/erasures/${encodeURIComponent(customer)}`;
    const { body } = await ops.post<Erased | Waiting>(path, { body: { reason, ids, ...(more && { more }) } });
    if (body.state !== 'erased' || !more) return body;
  }
}

/** Says what a service waits for, with the names of what is open. */
export function whyWaiting({ reason, until, open = {} }: Waiting): string {
  if (reason === 'closing') return `until every process knows of the erasure (${until})`;
  const named = Object.entries(open).map(([kind, names]) => `${kind} ${names.join(', ')}`);
  return `for open work to end: ${named.join('; ')}`;
}
