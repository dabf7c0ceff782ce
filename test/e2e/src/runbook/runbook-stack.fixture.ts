import { afterAll, beforeAll } from '@jest/globals';
import { openShop, query, StoryTeller, type PlacedOrder, type Shop } from '@millrace/test-support/shop';
import { startStack, type ServiceName, type StackPlaces, type TestStack } from '@millrace/test-support/stack';

/**
 * Alarms that are raised at once, at low thresholds. Sagas wait for ever, so each story decides
 * itself which timers are due.
 */
const impatient = {
  WATCH_EVERY_MS: '500', // each look costs every process a query for each of its watches
  ALARM_HOLD_MS: '0',
  ALARM_LAG_MESSAGES: '1',
  ALARM_LAG_SECONDS: '1',
  ALARM_OUTBOX_SECONDS: '1',
  ALARM_EXTERNAL_CALL_SECONDS: '1',
  ALARM_PARKED_SECONDS: '1',
  ALARM_TIMER_SECONDS: '1',
  ALARM_STREAMS_SECONDS: '1',
  ALARM_SOURCE_LOG_BYTES: '20000000',
  SAGA_STEP_TIMEOUT_MS: '86400000',
  RETRY_IN_PLACE_MS: '0',
  IDLE_POLL_MS: '100',
};

export interface RunbookStack {
  stack(): TestStack;
  place(count: number): Promise<readonly PlacedOrder[]>;
}

interface RunbookStackOptions {
  /** Optional apps that run too. */
  readonly apps?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts a stack for the stories of a file, and stops it after the last one. */
export function runbookStack({ apps = [], settings = {} }: RunbookStackOptions): RunbookStack {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;
  beforeAll(async () => {
    stack = await startStack({ ...impatient, ...settings }, { apps });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 1_000 }, accounts: { ada: 100_000_00 } });
  });
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
  });
  return {
    stack: () => stack,
    place: (count) =>
      Promise.all(
        Array.from({ length: count }, () =>
          shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_approve' }),
        ),
      ),
  };
}

export async function allComplete(orders: readonly PlacedOrder[]): Promise<void> {
  await Promise.all(orders.map((order) => order.endsAs('completed')));
}

/** Runs a story while a service lacks a table, as after a wrong migration, and then repairs it. */
export async function without<Result>(
  stack: StackPlaces,
  service: ServiceName,
  table: string,
  story: () => Promise<Result>,
): Promise<Result> {
  await query(stack, service, `ALTER TABLE ${table} RENAME TO ${table}_away`);
  return story().finally(() => query(stack, service, `ALTER TABLE ${table}_away RENAME TO ${table}`));
}
