import { setTimeout as pause } from 'node:timers/promises';
import { describeTransactions, type WireClient } from '@millrace/streaming-core/protocol';

const attemptsMax = 1_000;

export async function stateOf(client: WireClient, transactionalId: string): Promise<string> {
  const { transactionStates } = await client.send(describeTransactions, 0, {
    transactionalIds: [transactionalId],
  });
  return transactionStates[0]?.transactionState ?? '';
}

/**
 * Waits a few seconds at most for the end of the id's last transaction. Returns whether it has
 * ended.
 */
export async function isSettled(client: WireClient, transactionalId: string): Promise<boolean> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    if (!(await stateOf(client, transactionalId)).startsWith('Prepare')) return true;
    await pause(5);
  }
  return false;
}
