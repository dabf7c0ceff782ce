import {
  ErasureLedger,
  InvalidInput,
  ledgerOfFolder,
  OperationFailed,
  type OpsClient,
} from '@millrace/operations/client';
import { resolve } from 'node:path';
import { addressesOf, serviceOption } from '../../addresses.ts';
import { actOptions, opsClients, reasonOf } from '../../operators.ts';
import { type Call, type CommandDefinition, type ExitCode } from '../../command/command.ts';
import { confirm, yesOption } from '../../terminal/confirm.ts';
import { jsonOf } from '../../terminal/show.ts';
import { renderTable } from '../../terminal/table.ts';
import { isKnownCustomer } from './customers.ts';
import { whyWaiting, type ServiceOutcome } from './erase-at-service.ts';
import { eraseCustomer, type Outcome } from './erase-customer.ts';
import { replayErasures } from './replay.ts';

const waitSecondsByDefault = 120;

export const erase: CommandDefinition = {
  name: 'erase',
  summary:
    'erases the personal data of a customer in every service, for good, or all that were erased before a restore',
  arguments: [{ name: '[customer]', meaning: 'customerId of the orders' }],
  options: [
    ...actOptions,
    serviceOption,
    {
      flags: '--replay',
      meaning: 'repeat every erasure of the ledger, after a restore; may itself be repeated',
    },
    {
      flags: '--ledger <file>',
      meaning: 'list of all erasures (default: ERASURE_LEDGER, or erasures.jsonl in the data folder)',
    },
    {
      flags: '--unknown',
      meaning: 'erase an id that nobody has, without asking; its orders are refused for ever',
    },
    {
      flags: '--mails <folder>',
      meaning: 'folder of the mail sink (default: MAIL_FOLDER, or that of the running stack)',
    },
    {
      flags: '--wait <seconds>',
      meaning: `how long to wait for a customer's open orders (default: ${waitSecondsByDefault})`,
    },
    yesOption,
  ],
  examples: [
    'erase customer-17 --reason "request of 2026-11-20"',
    'erase --replay --reason "restored the backup of 2026-11-19"',
  ],
  async run(call) {
    const [customer] = call.args;
    const replay = call.options.flag('replay');
    if ((customer !== undefined) === replay)
      throw new InvalidInput('name one customer to erase, or give --replay to repeat all erasures');
    const reason = reasonOf(call);
    const clients = opsClients(call);
    const waitMs = (call.options.count('wait') ?? waitSecondsByDefault) * 1_000;
    const ledger = ledgerOf(call);
    if (customer === undefined) return replayErasures(call, { ledger, reason, waitMs });
    await confirmUnknown(call, clients, customer);
    await confirm(
      call,
      `make the names, addresses, mails and card tokens of ${customer} unreadable for good, and refuse new orders`,
    );
    // The ledger comes first, so that a crash cannot leave an erasure that it lacks.
    ledger.add([{ at: new Date(call.session.clock.now()).toISOString(), subject: customer }]);
    const deadlineMs = call.session.clock.monotonic() + waitMs;
    return show(call, await eraseCustomer(call, { customer, reason, deadlineMs }));
  },
};

/** The ledger that is named, or that of the stack on this machine whose services are asked. */
function ledgerOf(call: Call): ErasureLedger {
  const { environment, workspace } = call.session;
  const named = call.options.text('ledger');
  if (named !== undefined) return new ErasureLedger(resolve(workspace, named));
  const addresses = addressesOf(call);
  const stack = addresses.findStack();
  const ofStack = Object.values(stack?.operators ?? {});
  const isLocal = addresses.operators('services').every(([, url]) => ofStack.includes(url));
  if (stack !== undefined && isLocal) return ledgerOfFolder(stack.dataFolder, environment, workspace);
  if (environment.ERASURE_LEDGER?.trim()) return ledgerOfFolder('', environment, workspace);
  throw new OperationFailed(
    'where is the ledger of erasures, by which they survive a restore? Name its file with --ledger or ERASURE_LEDGER',
  );
}

/** An id that nobody has may be mistyped, and cannot be opened again. */
async function confirmUnknown(call: Call, clients: readonly OpsClient[], customer: string): Promise<void> {
  const { terminal } = call.session;
  if (call.options.flag('unknown')) return;
  if (await isKnownCustomer(call, clients, customer)) return;
  const unknown = `nobody has the id ${customer}: it has no orders and no personal data`;
  const meaning = 'all orders of this id are refused from then on, and nobody can open it again';
  if (!terminal.interactive)
    throw new InvalidInput(`${unknown}. Check it, or add --unknown to close it: ${meaning}`);
  const answer = await terminal.ask(`${unknown}. If it is closed, ${meaning}. Close it? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new OperationFailed('nothing was changed');
}

function show({ session, options }: Call, outcome: Outcome): ExitCode {
  const { terminal } = session;
  if (options.flag('json')) terminal.out(jsonOf(outcome));
  else {
    terminal.out(
      renderTable(
        {
          SERVICE: 'service',
          STATE: ({ state }) => (state === 'none' ? 'no personal data' : state),
          DETAIL: detailOf,
        },
        outcome.services,
      ),
    );
    terminal.out(inWords(outcome));
  }
  return outcome.complete ? 0 : 1;
}

function detailOf(outcome: ServiceOutcome): string | undefined {
  switch (outcome.state) {
    case 'none':
      return undefined;
    case 'failed':
      return outcome.problem;
    case 'erased': {
      const cleared = Object.entries(outcome.cleared ?? {}).filter(([, count]) => count > 0);
      return [outcome.at, ...cleared.map(([kind, count]) => `${kind}: ${count}`)].join(', ');
    }
    default:
      return whyWaiting(outcome);
  }
}

function inWords({ customer, complete, known, orders, services, mails }: Outcome): string {
  if (!complete) {
    const waits = services.some(({ state }) => state === 'waiting');
    const remedy = waits
      ? 'once what is open has ended, or cancel the orders'
      : services.some(({ state }) => state === 'failed')
        ? 'once what the failed services say is mended'
        : 'to empty the mails, since calls that need the destroyed keys have not ended';
    return `${customer} is not erased yet: repeat this command ${remedy}`;
  }
  if (!known)
    return (
      `Nobody was known as ${customer}: 0 orders, 0 keys. If the id is mistyped, erase the right one; ` +
      `new orders of ${customer} are refused from now on`
    );
  const mailed =
    mails === null
      ? 'Mails are elsewhere: name the folder of the mail sink with --mails, or delete them at your relay'
      : `Mails emptied: ${mails}`;
  const inWal = services.some((each) => each.state === 'erased' && each.walRemoved === false);
  const wal = inWal
    ? '. The keys are in the write-ahead log of their server until it reuses the files: ' +
      'its user may not call pg_switch_wal and CHECKPOINT'
    : '';
  return (
    `${customer} is erased (orders: ${orders}). ${mailed}${wal}. ` +
    'Delete the backups of keys from before now; what other systems have received is not ours'
  );
}
