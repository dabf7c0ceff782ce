import { OperationFailed, whyUnreachable } from '@millrace/operations/client';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { addressesOf, serviceOption } from '../../addresses.ts';
import { actOptions, opsClients, reasonOf } from '../../operators.ts';
import { firstOf, type Call, type CommandDefinition, type ExitCode } from '../../command/command.ts';
import { confirm, yesOption } from '../../terminal/confirm.ts';
import { jsonOf } from '../../terminal/show.ts';
import { renderTable } from '../../terminal/table.ts';
import { eraseAtService, whyWaiting, type ServiceOutcome } from './erase-at-service.ts';
import { keysForgotten } from './keys-forgotten.ts';

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
    throw new OperationFailed(
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
  const folder = call.options.text('mails') ?? (given?.trim() || addressesOf(call).findStack()?.mailFolder);
  return folder === undefined ? null : eraseMails(folder, new Set(orders));
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

interface Page {
  readonly items: readonly { readonly orderId: string }[];
  readonly nextCursor: string | null;
}

const answerMsMax = 30_000;
const pageMax = 100;

/** Returns the ids of a customer's orders, by the API of the order service. */
async function ordersOf(call: Call, customer: string): Promise<readonly string[]> {
  const url = addressesOf(call).processes().order;
  if (url === undefined)
    throw new OperationFailed('where is the order service? Give --service order=http://HOST:PORT');
  const orders: string[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ customerId: customer, limit: String(pageMax) });
    if (cursor !== null) query.set('cursor', cursor);
    const page: Page = await read(`${url}/orders?${query.toString()}`);
    orders.push(...page.items.map(({ orderId }) => orderId));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return orders;
}

async function read(url: string): Promise<Page> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) }).catch((cause: unknown) => {
    throw new OperationFailed(
      `order does not answer on ${new URL(url).origin} (${whyUnreachable(cause)}): repeat the command once it runs`,
      { cause },
    );
  });
  if (answer.ok) return (await answer.json()) as Page;
  throw new OperationFailed(`order lists no orders of this customer: it answered ${answer.status}`);
}

/**
 * Empties the mails about these orders in the folder of the mail sink, and returns their number.
 * The empty files stay, because the sink drops a repetition of a mail by the name of its file.
 */
async function eraseMails(folder: string, orders: ReadonlySet<string>): Promise<number> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new OperationFailed(
      `the mails cannot be read (${cause.code}): name the folder of the mail sink with --mails`,
      {
        cause,
      },
    );
  });
  const own = names.filter((name) => orders.has(orderOf(name)));
  for (const name of own) await truncate(join(folder, name));
  return own.length;
}

/** The file is named after the Message-ID, `ORDER.KIND@millrace.invalid`. */
const orderOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));
