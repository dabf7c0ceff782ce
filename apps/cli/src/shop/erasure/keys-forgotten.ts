import { OpsRefusal, type OpsClient } from '@millrace/operations/client';
import { pause, seconds } from '@millrace/streaming-core/runtime';
import type { Call } from '../../command/command.ts';

/** The answer of a service that has destroyed its key. Earlier releases do not say `inUse`. */
interface Erased {
  readonly inUse?: boolean;
}

const everyMs = 500;
/** It exceeds the time for which processes keep keys, and that of an external call. */
const waitMsMax = seconds(60);

/**
 * Waits until no process has a destroyed key any more, because it could still send a mail. Resolves
 * to false if that takes too long.
 */
export async function keysForgotten(
  { session: { terminal, clock, signal } }: Call,
  clients: readonly OpsClient[],
  customer: string,
): Promise<boolean> {
  const deadlineMs = clock.monotonic() + waitMsMax;
  try {
    for (;;) {
      const used = await Promise.all(clients.map((ops) => isInUse(ops, customer)));
      const using = clients.filter((_, index) => used[index]).map(({ service }) => service);
      if (using.length === 0) return true;
      if (signal.aborted || clock.monotonic() >= deadlineMs) return false;
      terminal.draw(`waiting until every process of ${using.join(', ')} has forgotten the destroyed keys`);
      await pause(clock, everyMs, signal);
    }
  } finally {
    terminal.draw('');
  }
}

async function isInUse(ops: OpsClient, customer: string): Promise<boolean> {
  try {
    const { body } = await ops.get<Erased>(`/ops/erasures/${encodeURIComponent(customer)}`);
    return body.inUse === true;
  } catch (error) {
    if (error instanceof OpsRefusal && error.status === 404) return false;
    throw error;
  }
}
