import { firstOf, type Call, type CommandDefinition, type ExitCode } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { actOptions, opsClients, reasonOf } from '../ops/find-services.ts';
import { findLocalStack } from '../places/local-stack.ts';
import { serviceOption } from '../places/services.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { jsonOf } from '../terminal/json.ts';
import { renderTable } from '../terminal/table.ts';
import { eraseAtService, whyWaiting, type ServiceOutcome } from './erase-at-service.ts';
import { eraseMails } from './erase-mails.ts';
import { keysForgotten } from './keys-forgotten.ts';
import { ordersOf } from './orders-of.ts';

interface Outcome {
  readonly customer: string;
  /** Whether nothing is left to do. */
  readonly complete: boolean;
  readonly orders: number;
  readonly services: readonly ServiceOutcome[];
  /** False if no service has ever known the customer. */
  readonly known: boolean;
  /** How many mails were emptied; null if the mails are elsewhere. */
  readonly mails: number | null;
}

const waitSecondsByDefault = 120;

export const erase: CommandDefinition = {
  name: 'erase',
  summary: 'erases the personal data of a customer in every service, for good; may be repeated',
  arguments: [{ name: '<customer>', meaning: 'customerId of the orders' }],
  options: [
    ...actOptions,
    serviceOption,
    {
      flags: '--mails <folder>',
      meaning: 'folder of the mail sink (default: MAIL_FOLDER, or that of the running stack)',
    },
    {
      flags: '--wait <seconds>',
      meaning: `how long to wait for orders that are open (default: ${waitSecondsByDefault})`,
    },
    yesOption,
  ],
  examples: ['erase customer-17 --reason "request of 2026-11-20"'],
  async run(call) {
    const customer = firstOf(call);
    const reason = reasonOf(call);
    const waitSeconds = call.options.count('wait') ?? waitSecondsByDefault;
    await confirm(
      call,
      `make the names, addresses, mails and card tokens of ${customer} unreadable for good, and refuse new orders`,
    );
    const deadlineMs = call.session.clock.monotonic() + waitSeconds * 1_000;
    return show(call, await eraseCustomer(call, { customer, reason, deadlineMs }));
  },
};

interface Asked {
  readonly customer: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

/**
 * The order service is first, because it closes the customer for new orders. The others follow even
 * if one of them fails.
 */
async function eraseCustomer(call: Call, asked: Asked): Promise<Outcome> {
  const clients = opsClients(call);
  const first = clients.filter(({ service }) => service === 'order');
  const others = clients.filter(({ service }) => service !== 'order');
  if (first.length === 0)
    throw new CommandFailed(
      'the order service has to be asked first, and its operator API is not named: add --ops order=http://HOST:PORT',
    );
  const services: ServiceOutcome[] = [];
  for (const ops of first) services.push(await eraseAtService(call, ops, { ...asked, orders: [] }));
  const orders = services.every(isDone) ? await ordersOf(call, asked.customer) : [];
  if (services.every(isDone))
    for (const ops of others) services.push(await eraseAtService(call, ops, { ...asked, orders }));
  const complete = services.every(isDone) && (await keysForgotten(call, clients, asked.customer));
  const mails = complete ? await clearMails(call, orders) : null;
  const known = orders.length > 0 || !services.every(knewNobody);
  return { customer: asked.customer, complete, known, orders: orders.length, services, mails };
}

const knewNobody = (outcome: ServiceOutcome): boolean =>
  outcome.state === 'none' || (outcome.state === 'erased' && outcome.hadKey === false);

const isDone = ({ state }: ServiceOutcome): boolean => state === 'erased' || state === 'none';

async function clearMails(call: Call, orders: readonly string[]): Promise<number | null> {
  const { MAIL_FOLDER: given } = call.session.environment;
  const folder = call.options.text('mails') ?? (given?.trim() || findLocalStack(call)?.mailFolder);
  return folder === undefined ? null : eraseMails(folder, new Set(orders));
}

function show({ session, options }: Call, outcome: Outcome): ExitCode {
  const { terminal } = session;
  if (options.flag('json')) terminal.out(jsonOf(outcome));
  else {
    terminal.out(
      renderTable(
        [
          { title: 'SERVICE', of: ({ service }) => service },
          { title: 'STATE', of: ({ state }) => (state === 'none' ? 'no personal data' : state) },
          { title: 'DETAIL', of: detailOf },
        ],
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
      ? 'once its open orders have ended, or cancel them'
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
