import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@millrace/testing/random';
import { busyShop, competition, openShop, serviceNames, StoryTeller, type BuyMore, type ServiceName } from '@millrace/testing/shop';
import { countAnswers, since, type Answers } from './answers.ts';
import { Fleet } from './fleet.ts';
import { migrate, startEngines, type RunningEngines } from './programs.ts';
import { checkOutPrevious, newRelease, type Release } from './release.ts';
import { hidingNewMigrations } from './step-back.ts';

export interface UpgradeOptions {
  /** Each is taken to the new release, back, and to the new one again; the others stay what they are meanwhile. */
  readonly services: readonly ServiceName[];
  readonly seed: number;
  /** Before, between and after the steps. */
  readonly ordersPerStep: number;
  readonly buyers: number;
  /** At the end PostgreSQL, broker and mail sink are stopped and started as those of the new release. */
  readonly engines: boolean;
  readonly print: (line: string) => void;
}

export interface UpgradeStep {
  readonly what: ServiceName | 'engines';
  readonly to: Release['name'];
  readonly seconds: number;
  /** Of the processes that were drained. */
  readonly exitCodes: readonly (number | null)[];
}

export interface UpgradeReport {
  readonly steps: readonly UpgradeStep[];
  readonly orders: number;
  /** While services were rolled. */
  readonly answers: Answers;
  /** From there on, while the engines were replaced. */
  readonly answersAfter: Answers;
  /** What is wrong once every order has ended, a sentence each. */
  readonly problems: readonly string[];
}

/** Starts the previous release, rolls services to this one and back while customers buy, and looks at the books. Nothing is left running. */
export async function runUpgrade(options: UpgradeOptions): Promise<UpgradeReport> {
  const previous = await checkOutPrevious();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-upgrade-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
  try {
    options.print('starting the engines of the old release');
    const running = { engines: await startEngines(previous.release, join(folder, 'data')) };
    try {
      return await withServices(running, previous.release, options);
    } finally {
      await running.engines.stop();
    }
  } finally {
    await Promise.all([previous.remove(), rm(folder, { recursive: true, force: true })]);
  }
}

/** Replaced at the end. */
interface Running {
  engines: RunningEngines;
}

async function withServices(running: Running, old: Release, options: UpgradeOptions): Promise<UpgradeReport> {
  const { engines } = running;
  const fleet = new Fleet(engines);
  const teller = new StoryTeller(engines.bootstrapServers);
  try {
    options.print('starting the services of the old release');
    await Promise.all(serviceNames.map((service) => fleet.start(service, old)));
    const shop = await openShop({ ...engines, urls: fleet.urls, instances: {} }, teller, competition);
    const counted = countAnswers();
    const steps: UpgradeStep[] = [];
    let answers = counted.seen();
    try {
      const problems = await busyShop(shop, seededRandom(options.seed)).during(async (buyMore) => {
        const rolling = { running, fleet, old, steps, buyMore, ...options };
        await roll(rolling);
        answers = counted.seen();
        if (options.engines) await replaceEngines(rolling);
      }, options.buyers);
      return { steps, orders: (await shop.orders()).length, problems, answers, answersAfter: since(answers, counted.seen()) };
    } finally {
      counted.stop();
    }
  } finally {
    await teller.close();
    await fleet.stop();
  }
}

interface Rolling extends UpgradeOptions {
  readonly running: Running;
  readonly fleet: Fleet;
  readonly old: Release;
  readonly steps: UpgradeStep[];
  readonly buyMore: BuyMore;
}

async function roll(rolling: Rolling): Promise<void> {
  const { services, running, old, buyMore, ordersPerStep } = rolling;
  await buyMore(ordersPerStep);
  const startedAt = new Date();
  for (const service of services) {
    await migrate(newRelease, service, running.engines);
    await replace(rolling, service, old, newRelease);
    await hidingNewMigrations(running.engines, service, startedAt, () => replace(rolling, service, newRelease, old));
    await replace(rolling, service, old, newRelease);
  }
}

/** Both releases work side by side for a while. */
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

/** Nothing rolls here: one PostgreSQL and one broker have one data folder. Services wait, and go on. */
async function replaceEngines(rolling: Rolling): Promise<void> {
  const { running, buyMore, ordersPerStep } = rolling;
  await timed(rolling, 'engines', newRelease, async () => {
    const { dataFolder, ports, stop } = running.engines;
    await stop();
    running.engines = await startEngines(newRelease, dataFolder, ports);
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
    `${what}: ${to} release after ${seconds.toFixed(1)} s${exitCodes.length > 0 ? `, drained with exit code ${exitCodes.join(', ')}` : ''}`,
  );
}
