import { expect } from '@jest/globals';
import { holdTopic, query, type PlacedOrder } from '@millrace/test-support/shop';
import { until } from '@millrace/test-support/stack';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { alarm, figure, follows } from './operator.fixture.ts';
import { allComplete, without, type RunbookStack } from './runbook-stack.fixture.ts';

interface Letter {
  readonly id: string;
  readonly key: string;
}
interface ParkedKey {
  readonly position: string;
  readonly key: string;
  readonly lastError: string;
}
/** The message may have been tried by itself just before. */
function unlessTried(error: Error): void {
  if (!error.message.includes('unknown_parked_key')) throw error;
}

/** The entries about messages that are not handled. */
export function followMessages({ stack, place }: RunbookStack): void {
  const toInventory = () => ['-P', '-b', stack().bootstrapServers, '-t', 'inventory-commands'];

  /** Sends further copies of the one command of an order. Its participant handles only the first. */
  async function repeatCommand({ orderId }: PlacedOrder, copies: number): Promise<void> {
    const commands = await readTopic(stack().bootstrapServers, 'inventory-commands');
    const { value, partition, headers } = commands.find(({ key }) => key === orderId)!;
    const sameHeaders = [...headers].flatMap(([name, text]) => ['-H', `${name}=${text}`]);
    const options = ['-p', String(partition), '-K', '\t', ...sameHeaders];
    await kcat([...toInventory(), ...options], `${orderId}\t${value}\n`.repeat(copies));
  }

  follows(
    ['MillraceConsumerLag', 'MillraceConsumerLagSeconds'],
    'a group that does not move is found by partition, and catches up',
    stack,
    async ({ json }) => {
      const letRead = await holdTopic(stack(), 'shipping', 'shipping-commands');
      // Two of seven orders have one of six partitions.
      const orders = await place(7);
      try {
        await alarm(stack(), 'shipping', 'consumer_lag', 'raised');
        await alarm(stack(), 'shipping', 'consumer_lag_seconds', 'raised');
        const behind = await json('lag GROUP --behind', { GROUP: 'shipping' });
        expect(behind).toContainEqual(
          expect.objectContaining({ topic: 'shipping-commands', owner: expect.stringContaining('shipping') }),
        );
      } finally {
        await letRead();
      }
      await allComplete(orders);
      await alarm(stack(), 'shipping', 'consumer_lag', 'cleared');
      await alarm(stack(), 'shipping', 'consumer_lag_seconds', 'cleared');
    },
  );

  follows(
    ['MillracePartitionRefused'],
    'a partition whose stored offset is wrong is read again after the statement that status shows',
    stack,
    async ({ run, json }) => {
      const bringBack = stack().takeDown('shipping');
      await query(
        stack(),
        'shipping',
        `UPDATE consumer_offset SET next_offset = next_offset + 1000 WHERE topic = 'shipping-commands'`,
      );
      await bringBack();
      await figure(
        stack(),
        'shipping',
        /^millrace_consumer_partitions_refused/,
        (partitions) => partitions === 6,
      );
      interface Status {
        readonly services: readonly { readonly process: string; readonly failing: readonly string[] }[];
      }
      const { services } = await json<Status>('status');
      const { failing = [] } = services.find(({ process }) => process === 'shipping') ?? {};
      expect(failing).toHaveLength(6);
      for (const line of failing)
        await run('sql SERVICE --write -c STATEMENT', {
          SERVICE: 'shipping',
          STATEMENT: line.split('To continue regardless: ')[1] ?? '',
        });
      await stack().kill('shipping');
      await figure(
        stack(),
        'shipping',
        /^millrace_consumer_partitions_refused/,
        (partitions) => partitions === 0,
      );
      await allComplete(await place(1));
    },
  );

  follows(
    ['MillraceConsumerFailing', 'MillraceKeysParked', 'MillraceParkingFull', 'MillraceDeadLetters'],
    'the sagas of a participant that always fails end after its repair, parked or given up',
    stack,
    async ({ run, json }) => {
      const parkedKey = async ({ orderId }: PlacedOrder) => {
        let found: ParkedKey | undefined;
        await until(`${orderId} to be parked`, 30_000, async () => {
          found = (await json<readonly ParkedKey[]>('parked list')).find(({ key }) => key === orderId);
          return found !== undefined;
        });
        return found!;
      };
      const { givenUp, waiting, held } = await without(stack(), 'inventory', 'reservation', async () => {
        const [first] = await place(1);
        const { position, lastError } = await parkedKey(first!);
        expect(lastError).toContain('reservation');
        const decided = { SERVICE: 'inventory', POSITION: position, TEXT: 'INC-7: the key has to go on' };
        await run('parked give-up SERVICE POSITION --reason TEXT', decided);
        await run('parked retry SERVICE POSITION --reason TEXT', decided).catch(unlessTried);
        await alarm(stack(), 'inventory', 'dead_letters', 'raised');

        const [second] = await place(1);
        const { position: held } = await parkedKey(second!);
        await repeatCommand(second!, 1_001);
        await alarm(stack(), 'inventory', 'parking_full', 'raised');
        await alarm(stack(), 'inventory', 'parked_age', 'raised');
        await figure(stack(), 'inventory', /^millrace_consumer_failures_total/, (failures) => failures > 0);
        const lines = await run('logs SERVICE', { SERVICE: 'inventory' });
        expect(lines).toMatch(/reservation.*inventory-commands/);
        expect(lines).toContain('may park at most 1000');
        return { givenUp: first!, waiting: second!, held };
      });
      const repaired = { SERVICE: 'inventory', POSITION: held, TEXT: 'INC-7: the table is back' };
      await run('parked retry SERVICE POSITION --reason TEXT', repaired).catch(unlessTried);
      await allComplete([waiting]);
      await alarm(stack(), 'inventory', 'parking_full', 'cleared');
      await alarm(stack(), 'inventory', 'parked_age', 'cleared');

      await kcat([...toInventory(), '-K', ':'], 'no-order:no message');
      let letters: readonly Letter[] = [];
      await until('two dead letters', 30_000, async () => {
        letters = await json('dlq list');
        return letters.length === 2;
      });
      expect(await run('dlq reasons')).toContain('reservation');
      const of = (wanted: string) => letters.find(({ key }) => key === wanted)?.id ?? '';
      expect(await run('dlq show ID', { ID: of('no-order') })).toContain('no message');
      const redriven = { ID: of(givenUp.orderId), TEXT: 'INC-7: the table is back' };
      await run('dlq redrive ID --reason TEXT', redriven);
      await run('dlq discard ID --reason TEXT', { ID: of('no-order'), TEXT: 'INC-8: a slip' });
      await allComplete([givenUp]);
      await alarm(stack(), 'inventory', 'dead_letters', 'cleared');
    },
  );
}
