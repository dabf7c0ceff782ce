import { isAbsent, OperationFailed, whyUnreachable, type OpsClient } from '@millrace/operations/client';
import { addressesOf } from '../../addresses.ts';
import type { Call } from '../../command/command.ts';

/** How far a service is. Earlier releases do not say `known`. */
interface Progress {
  readonly state: string;
  readonly known?: boolean;
}

/**
 * Whether anybody has this id: it has orders, a key of personal data, or an erasure that has begun.
 * A service that does not answer knows nobody.
 */
export async function isKnownCustomer(
  call: Call,
  clients: readonly OpsClient[],
  customer: string,
): Promise<boolean> {
  const progress = await Promise.all(clients.map((ops) => progressAt(ops, customer)));
  if (progress.some((each) => each !== undefined && (each.known === true || each.state !== 'active')))
    return true;
  return (await ordersOf(call, customer)).length > 0;
}

async function progressAt(ops: OpsClient, customer: string): Promise<Progress | undefined> {
  try {
    return (await ops.get<Progress>(`/ops/erasures/${encodeURIComponent(customer)}`)).body;
  } catch (error) {
    if (isAbsent(error) || error instanceof OperationFailed) return undefined;
    throw error;
  }
}

interface Page {
  readonly items: readonly { readonly orderId: string }[];
  readonly nextCursor: string | null;
}

const answerMsMax = 30_000;
const pageMax = 100;

/** Returns the ids of a customer's orders, by the API of the order service. */
export async function ordersOf(call: Call, customer: string): Promise<readonly string[]> {
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
