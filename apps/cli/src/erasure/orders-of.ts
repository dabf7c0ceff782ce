import type { Call } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { serviceUrls } from '../places/services.ts';
import { whyUnreachable } from '../places/why-unreachable.ts';

interface Page {
  readonly items: readonly { readonly orderId: string }[];
  readonly nextCursor: string | null;
}

const answerMsMax = 30_000;
const pageMax = 100;

/** Returns the ids of a customer's orders, by the API of the order service. */
export async function ordersOf(call: Call, customer: string): Promise<readonly string[]> {
  const url = serviceUrls(call).order;
  if (url === undefined)
    throw new CommandFailed('where is the order service? Give --service order=http://HOST:PORT');
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
    throw new CommandFailed(
      `order does not answer on ${new URL(url).origin} (${whyUnreachable(cause)}): repeat the command once it runs`,
      { cause },
    );
  });
  if (answer.ok) return (await answer.json()) as Page;
  throw new CommandFailed(`order lists no orders of this customer: it answered ${answer.status}`);
}
