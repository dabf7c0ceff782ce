import { endTxn, initProducerId, type WireClient } from '@millrace/streaming-core/protocol';
import { transactionTimeoutMs } from './asking-transactions.ts';
import { outcomeOf, type CrashPoint } from './fate.ts';
import { wasAsked, wasDone, type Asked, type PromiseBook, type TransactionAsked } from './promise-book.ts';
import { whenReady } from './send-batch.ts';
import { isSettled, stateOf } from './transaction-states.ts';

export interface Finished {
  readonly problems: readonly string[];
  /** The outcome of each transaction that the crash left undecided. */
  readonly ended: ReadonlyMap<TransactionAsked, boolean>;
}

/**
 * Finds the ids whose transaction does not complete, although a transaction that the crash left
 * prepared has to complete by itself.
 */
export async function unfinished(client: WireClient, book: PromiseBook): Promise<readonly string[]> {
  const stuck: string[] = [];
  for (const id of transactionalIds(book))
    if (!(await isSettled(client, id))) stuck.push(`${id} remains in the state ${await stateOf(client, id)}`);
  return stuck;
}

const transactionalIds = ({ transactions }: PromiseBook): readonly string[] => [
  ...new Set(transactions.map(({ transactionalId }) => transactionalId)),
];

/**
 * Does what producers do. It repeats the request for an end that was not answered, and after every
 * second crash it continues and commits the open transaction. Then it takes over each id.
 */
export async function finishTransactions(
  client: WireClient,
  book: PromiseBook,
  point: CrashPoint,
): Promise<Finished> {
  const problems: string[] = [];
  const ended = new Map<TransactionAsked, boolean>();
  const known = book.transactions.filter((transaction) => wasAsked(transaction, point.at));
  for (const id of transactionalIds(book)) {
    const last = known.findLast(({ transactionalId }) => transactionalId === id);
    const wanted = last === undefined ? undefined : endToAskFor(last, book, point);
    if (last !== undefined && wanted !== undefined) {
      const code = await endOf(client, last, wanted);
      if (code === 0) ended.set(last, wanted);
      else problems.push(`${id} cannot ${wanted ? 'commit' : 'abort'} its transaction: error ${code}`);
    }
    if (last !== undefined && !ended.has(last) && isOpen(last, point)) ended.set(last, false);
    problems.push(...(await takeOver(client, id, book, point)));
  }
  return { problems, ended };
}

const isOpen = (transaction: TransactionAsked, point: CrashPoint): boolean =>
  !wasAsked(transaction.end, point.at) && outcomeOf(transaction, point) === 'never';

function endToAskFor(
  transaction: TransactionAsked,
  book: PromiseBook,
  { at }: CrashPoint,
): boolean | undefined {
  const { end } = transaction;
  const isOf = (asked: Asked & { readonly transaction?: TransactionAsked }) =>
    asked.transaction === transaction && wasAsked(asked, at);
  const steps = [...book.batches, ...book.puts, ...book.commits].filter(isOf);
  // A producer that does not know whether a step was done cannot continue.
  if (steps.length === 0 || steps.some((step) => !wasDone(step, at))) return undefined;
  if (end === undefined || !wasAsked(end, at)) return at % 2 === 0 ? true : undefined;
  return end.by === 'producer' && !wasDone(end, at) ? end.committed : undefined;
}

async function endOf(client: WireClient, transaction: TransactionAsked, committed: boolean): Promise<number> {
  const { transactionalId, producerId, producerEpoch, protocol } = transaction;
  const send = () =>
    client.send(endTxn, protocol === 1 ? 3 : 5, { transactionalId, producerId, producerEpoch, committed });
  return (await whenReady(send, ({ errorCode }) => errorCode)).errorCode;
}

/**
 * Takes over the id, which keeps its producer id and gets an epoch that fences all earlier
 * producers.
 */
async function takeOver(
  client: WireClient,
  transactionalId: string,
  book: PromiseBook,
  { at }: CrashPoint,
): Promise<readonly string[]> {
  const send = () => client.send(initProducerId, 5, { transactionalId, transactionTimeoutMs });
  const { errorCode, producerId, producerEpoch } = await whenReady(send, (answer) => answer.errorCode);
  if (errorCode !== 0) return [`${transactionalId} cannot be taken over: error ${errorCode}`];
  const before = book.producerIds.findLast(
    (asked) => asked.transactionalId === transactionalId && wasDone(asked, at),
  );
  const isNext =
    before === undefined ||
    (producerId === before.producerId && producerEpoch > (before.producerEpoch ?? -1));
  const had = `${before?.producerId} in epoch ${before?.producerEpoch}`;
  return isNext
    ? []
    : [`${transactionalId} gets producer ${producerId} in epoch ${producerEpoch}, but had ${had}`];
}
