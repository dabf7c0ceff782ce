import type { ErasureLedger } from '@millrace/operations/client';
import type { Call, ExitCode } from '../../command/command.ts';
import { opsClients } from '../../operators.ts';
import { confirm } from '../../terminal/confirm.ts';
import { jsonOf } from '../../terminal/show.ts';
import { eraseAtService, whyWaiting } from './erase-at-service.ts';
import { eraseCustomer, type Outcome } from './erase-customer.ts';

interface Replay {
  readonly ledger: ErasureLedger;
  readonly reason: string;
  /** How long to wait for the open orders of each customer. */
  readonly waitMs: number;
}

/**
 * Repeats every erasure of the ledger. All of them are begun before the first is completed, so that
 * the time in which other processes learn of an erasure passes once and not for each.
 */
export async function replayErasures(call: Call, { ledger, reason, waitMs }: Replay): Promise<ExitCode> {
  const { terminal, clock, signal } = call.session;
  const customers = ledger.read().map(({ subject }) => subject);
  if (customers.length > 0)
    await confirm(call, `repeat the ${counted(customers.length)} of ${ledger.file}, for good`);
  const first = opsClients(call).filter(({ service }) => service === 'order');
  for (const [index, customer] of customers.entries()) {
    if (signal.aborted) break;
    terminal.draw(`closing ${index + 1} of ${customers.length}`);
    for (const ops of first)
      await eraseAtService(call, ops, { customer, reason, orders: [], deadlineMs: clock.monotonic() });
  }
  const outcomes: Outcome[] = [];
  for (const customer of customers) {
    if (signal.aborted) break;
    terminal.draw(`erasing ${outcomes.length + 1} of ${customers.length}`);
    const deadlineMs = clock.monotonic() + waitMs;
    outcomes.push(await eraseCustomer(call, { customer, reason, deadlineMs }));
  }
  terminal.draw('');
  return show(call, ledger, { customers, outcomes });
}

interface Replayed {
  readonly customers: readonly string[];
  /** Fewer than the customers if the command was interrupted. */
  readonly outcomes: readonly Outcome[];
}

function show(
  { session: { terminal }, options }: Call,
  ledger: ErasureLedger,
  { customers, outcomes }: Replayed,
): ExitCode {
  const incomplete = outcomes.filter(({ complete }) => !complete);
  const left = customers.length - outcomes.length;
  const isComplete = incomplete.length === 0 && left === 0;
  if (options.flag('json')) {
    terminal.out(jsonOf({ complete: isComplete, ledger: ledger.file, left, customers: outcomes }));
    return isComplete ? 0 : 1;
  }
  for (const outcome of incomplete) terminal.out(`${outcome.customer} is not erased yet: ${whyNot(outcome)}`);
  const done = `${counted(outcomes.length - incomplete.length)} of ${ledger.file} repeated`;
  const rest = incomplete.length + left;
  terminal.out(rest === 0 ? done : `${done}, ${rest} left: repeat this command`);
  return isComplete ? 0 : 1;
}

function whyNot({ services }: Outcome): string {
  const reasons = services.flatMap((each) => {
    if (each.state === 'failed') return [each.problem];
    return each.state === 'erased' || each.state === 'none'
      ? []
      : [`${each.service} waits ${whyWaiting(each)}`];
  });
  return reasons.length > 0 ? reasons.join('; ') : 'calls that need the destroyed keys have not ended';
}

const counted = (count: number): string => `${count} erasure${count === 1 ? '' : 's'}`;
