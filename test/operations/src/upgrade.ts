import { seededRandom } from '@millrace/testing/random';
import { busyShop, competition, openShop, StoryTeller, type BuyMore } from '@millrace/test-support/shop';
import { serviceNames, type ServiceName } from '@millrace/test-support/stack';
import { countAnswers, since, type Answers } from './answers.ts';
import { startEngines, type RunningEngines } from './engines.ts';
import { Fleet } from './fleet.ts';
import { migrate } from './programs.ts';
import { checkOutPrevious, newRelease, type Release } from './release.ts';

export interface UpgradeOptions {
  /**
   * The services to roll: each to the new release, back, and to the new one again, while the others
   * stay as they are.
   */
  readonly services: readonly ServiceName[];
  readonly seed: number;
  /** The number of orders placed before, between and after the steps. */
  readonly ordersPerStep: number;
  readonly buyers: number;
  /** True if the broker is replaced by that of the new release at the end. */
  readonly broker: boolean;
  readonly print: (line: string) => void;
}

interface UpgradeStep {
  readonly what: ServiceName | 'broker';
  readonly to: Release['name'];
  readonly seconds: number;
  /** The exit codes of the drained processes. */
  readonly exitCodes: readonly (number | null)[];
}

export interface UpgradeReport {
  readonly steps: readonly UpgradeStep[];
  readonly orders: number;
  /** The answers while the services were rolled. */
  readonly answers: Answers;
  /** The answers while the broker was replaced and afterwards. */
  readonly answersAfter: Answers;
  /** The problems found after every order has ended, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Starts the previous release, rolls services to this one and back while customers buy, and checks
 * the books. It leaves nothing running.
 */
export async function runUpgrade(options: UpgradeOptions): Promise<UpgradeReport> {
  const { release: old, remove } = await checkOutPrevious();
  try {
    options.print('starting the old release');
    const engines = await startEngines(old);
    try {
      await migrate(old, engines);
      return await withServices(engines, old, options);
    } finally {
      await engines.stop();
    }
  } finally {
    await remove();
  }
}

async function withServices(
  engines: RunningEngines,
  old: Release,
  options: UpgradeOptions,
): Promise<UpgradeReport> {
  const fleet = new Fleet(engines);
  const teller = new StoryTeller(engines.bootstrapServers);
  try {
    await Promise.all(serviceNames.map((service) => fleet.start(service, old)));
    const shop = await openShop({ ...engines, urls: fleet.urls, instances: {} }, teller, competition);
    const counted = countAnswers();
    const steps: UpgradeStep[] = [];
    let answers = counted.seen();
    try {
      // The old release may refuse an order that names its style.
      const problems = await busyShop(shop, seededRandom(options.seed), []).during(
        async (buyMore) => {
          const rolling = { engines, fleet, old, steps, buyMore, ...options };
          await roll(rolling);
          answers = counted.seen();
          if (options.broker) await replaceBroker(rolling);
        },
        { buyers: options.buyers },
      );
      return {
        steps,
        orders: (await shop.orders()).length,
        problems,
        answers,
        answersAfter: since(answers, counted.seen()),
      };
    } finally {
      counted.stop();
    }
  } finally {
    await teller.close();
    await fleet.stop();
  }
}

interface Rolling extends UpgradeOptions {
  readonly engines: RunningEngines;
  readonly fleet: Fleet;
  readonly old: Release;
  readonly steps: UpgradeStep[];
  readonly buyMore: BuyMore;
}

async function roll(rolling: Rolling): Promise<void> {
  const { services, engines, old, buyMore, ordersPerStep } = rolling;
  await buyMore(ordersPerStep);
  await migrate(newRelease, engines);
  await buyMore(ordersPerStep); // the old release uses the new tables
  for (const service of services) {
    await replace(rolling, service, old, newRelease);
    await replace(rolling, service, newRelease, old);
    await replace(rolling, service, old, newRelease);
  }
}

/** Replaces a process while both releases work side by side for a while. */
async function replace(rolling: Rolling, service: ServiceName, from: Release, to: Release): Promise<void> {
  const { fleet, buyMore, ordersPerStep } = rolling;
  await timed(rolling, service, to, async () => {
    await fleet.start(service, to);
    await buyMore(ordersPerStep);
    const exitCodes = await fleet.drain(service, from);
    await buyMore(ordersPerStep);
    return exitCodes;
  });
}

/**
 * Replaces the broker. It cannot be rolled, since there is one with one data folder. Services wait
 * and continue.
 */
async function replaceBroker(rolling: Rolling): Promise<void> {
  const { engines, buyMore, ordersPerStep } = rolling;
  await timed(rolling, 'broker', newRelease, async () => {
    await engines.replaceBroker(newRelease);
    await buyMore(ordersPerStep);
    return [];
  });
}

async function timed(
  { steps, print }: Rolling,
  what: UpgradeStep['what'],
  { name: to }: Release,
  step: () => Promise<UpgradeStep['exitCodes']>,
) {
  const startedAt = performance.now();
  const exitCodes = await step();
  const seconds = (performance.now() - startedAt) / 1000;
  steps.push({ what, to, seconds, exitCodes });
  print(
    `${what}: ` +
      `${to} release after ` +
      `${seconds.toFixed(1)} s${exitCodes.length > 0 ? `, drained with exit code ${exitCodes.join(', ')}` : ''}`,
  );
}
