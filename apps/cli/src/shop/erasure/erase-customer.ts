import { OperationFailed } from '@millrace/operations/client';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { addressesOf } from '../../addresses.ts';
import type { Call } from '../../command/command.ts';
import { opsClients } from '../../operators.ts';
import { ordersOf } from './customers.ts';
import { eraseAtService, type ServiceOutcome } from './erase-at-service.ts';
import { keysForgotten } from './keys-forgotten.ts';

export interface Outcome {
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

export interface AskedErasure {
  readonly customer: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

/**
 * The order service is first, because it closes the customer for new orders. The others follow even
 * if one of them fails.
 */
export async function eraseCustomer(call: Call, asked: AskedErasure): Promise<Outcome> {
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
