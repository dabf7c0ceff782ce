import { topics } from '@millrace/contracts';
import { seededRandom } from '@millrace/testing/random';
import {
  busyShop,
  openShop,
  randomCustomers,
  randomProducts,
  readBooks,
  StoryTeller,
  type BuyMore,
} from '@millrace/test-support/shop';
import { startStack } from '@millrace/test-support/stack';

export interface OrderOutcome {
  readonly placed: number;
  readonly completed: number;
  readonly cancelled: number;
  /** The problems found once all work has ended, one sentence each. */
  readonly problems: readonly string[];
}

export interface OrderLoad {
  readonly topics: readonly string[];
  placed(): number;
  /**
   * Runs the work while customers buy. Afterwards it waits until every order has ended, and reads
   * the books.
   */
  during(what: (buyMore: BuyMore) => Promise<void>): Promise<OrderOutcome>;
  stop(): Promise<void>;
}

const seed = 5;
const units = 4_000;
const money = 400_000_00;
/** A step whose message waited for a broker is sent again after 30 s, 60 s and so on. */
const settleMs = 300_000;
/** A fault waits for a few orders; more would only load the machine while brokers are elected. */
const customers = { buyers: 2, pauseMs: 1_000, settleMs };

/** Starts the whole system on this cluster, with every service in its own process. */
export async function startOrderLoad(bootstrapServers: readonly string[]): Promise<OrderLoad> {
  const stack = await startStack(
    { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers.join(','), LOG_LEVEL: 'warn' },
    { kafka: true },
  );
  try {
    const teller = new StoryTeller(stack.bootstrapServers);
    const stock = Object.fromEntries(randomProducts.map((name) => [name, units]));
    const accounts = Object.fromEntries(randomCustomers.map((name) => [name, money]));
    const shop = await openShop(stack, teller, { stock, accounts }).finally(() => teller.close());
    const busy = busyShop(shop, seededRandom(seed));
    return {
      topics: topics.map(({ name }) => name),
      placed: busy.placed,
      async during(what) {
        const problems = await busy.during(what, customers);
        const { orders } = await readBooks(stack);
        const ended = (as: string) => orders.filter(({ status }) => status === as).length;
        return {
          placed: busy.placed(),
          completed: ended('completed'),
          cancelled: ended('cancelled'),
          problems,
        };
      },
      stop: () => stack.stop(),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
