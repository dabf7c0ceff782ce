import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@millrace/testing/random';
import { busyShop, competition, openShop, serviceNames, StoryTeller, type BuyMore, type ServiceName } from '@millrace/testing/shop';
import { countAnswers, type Answers } from './answers.ts';
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
  readonly print: (line: string) => void;
}

export interface UpgradeStep {
  readonly service: ServiceName;
  readonly to: Release['name'];
  readonly seconds: number;
  /** Of the processes that were drained. */
  readonly exitCodes: readonly (number | null)[];
}

export interface UpgradeReport {
  readonly steps: readonly UpgradeStep[];
  readonly answers: Answers;
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
    const engines = await startEngines(previous.release, join(folder, 'data'));
    try {
      return await withServices(engines, previous.release, options);
    } finally {
      await engines.stop();
    }
  } finally {
    await Promise.all([previous.remove(), rm(folder, { recursive: true, force: true })]);
  }
}

async function withServices(engines: RunningEngines, old: Release, options: UpgradeOptions): Promise<UpgradeReport> {
  const fleet = new Fleet(engines);
  const teller = new StoryTeller(engines.bootstrapServers);
  try {
    options.print('starting the services of the old release');
    await Promise.all(serviceNames.map((service) => fleet.start(service, old)));
    const places = { ...engines, urls: fleet.urls, instances: {} };
    const shop = busyShop(await openShop(places, teller, competition), seededRandom(options.seed));
    const counted = countAnswers();
    const steps: UpgradeStep[] = [];
    try {
      const problems = await shop.during((buyMore) => roll({ engines, fleet, old, steps, buyMore, ...options }), options.buyers);
      return { steps, problems, answers: counted.seen() };
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
  const since = new Date();
  for (const service of services) {
    await migrate(newRelease, service, engines);
    await replace(rolling, service, old, newRelease);
    await hidingNewMigrations(engines, service, since, () => replace(rolling, service, newRelease, old));
    await replace(rolling, service, old, newRelease);
  }
}

/** Both releases work side by side for a while. */
async function replace({ fleet, steps, buyMore, ordersPerStep, print }: Rolling, service: ServiceName, from: Release, to: Release) {
  const startedAt = performance.now();
  await fleet.start(service, to);
  await buyMore(ordersPerStep);
  const exitCodes = await fleet.drain(service, from);
  await buyMore(ordersPerStep);
  const step = { service, to: to.name, seconds: (performance.now() - startedAt) / 1000, exitCodes };
  steps.push(step);
  print(`${service} is of the ${to.name} release after ${step.seconds.toFixed(1)} s; drained with exit code ${exitCodes.join(', ')}`);
}
