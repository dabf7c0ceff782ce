import { setTimeout as sleep } from 'node:timers/promises';
import {
  openShop,
  PlacedOrder,
  problemsAfter,
  StoryTeller,
  type OrderView,
  type Shop,
} from '@millrace/test-support/shop';
import { serviceNames, until, type ServiceName } from '@millrace/test-support/stack';
import { Backlog } from './backlog.ts';
import { startEngines, type RunningEngines } from './engines.ts';
import { Fleet } from './fleet.ts';
import { probe, probesOf, type Answering, type Probing } from './probes.ts';
import { migrate } from './programs.ts';
import { newRelease } from './release.ts';

export interface OutageOptions {
  readonly services: readonly ServiceName[];
  readonly stoppedMs: number;
  /** The time for which the services are watched before the first outage, for comparison. */
  readonly calmMs: number;
  readonly print: (line: string) => void;
}

interface Outage {
  readonly stopped: ServiceName;
  readonly others: Readonly<Partial<Record<ServiceName, Answering>>>;
  /**
   * The time that each other service needed to handle the messages waiting for it at the end of the
   * outage.
   */
  readonly handledWithinMs: Readonly<Partial<Record<ServiceName, number>>>;
  readonly waiting: number;
  readonly startMs: number;
  /** The time from the end of its start until it had handled the waiting messages. */
  readonly caughtUpMs: number;
}

export interface OutageReport {
  readonly calm: Readonly<Record<ServiceName, Answering>>;
  readonly outages: readonly Outage[];
  /** The number of orders by outcome. After a short outage, all are completed. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The problems found after every order has ended, one sentence each. */
  readonly problems: readonly string[];
}

const limitMs = 120_000;

/**
 * Starts everything, stops one service after the other with SIGTERM while orders are placed, and
 * checks the books. It leaves nothing running.
 */
export async function runOutages(options: OutageOptions): Promise<OutageReport> {
  const engines = await startEngines(newRelease);
  const fleet = new Fleet(engines);
  const teller = new StoryTeller(engines.bootstrapServers);
  const backlog = new Backlog(engines);
  try {
    await migrate(newRelease, engines);
    await Promise.all(serviceNames.map((service) => fleet.start(service, newRelease)));
    const shop = await openShop({ ...engines, urls: fleet.urls, instances: {} }, teller, {
      stock: { lamp: 100_000 },
      accounts: { ada: 10_000_000_00 },
    });
    return await watch({ ...options, engines, fleet, teller, backlog, shop });
  } finally {
    await Promise.all([teller.close(), backlog.close()]);
    await fleet.stop();
    await engines.stop();
  }
}

interface Watch extends OutageOptions {
  readonly engines: RunningEngines;
  readonly fleet: Fleet;
  readonly teller: StoryTeller;
  readonly backlog: Backlog;
  readonly shop: Shop;
}

async function watch(context: Watch): Promise<OutageReport> {
  const { shop, teller, fleet, services, calmMs, print } = context;
  const first = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
  await first.endsAs('completed');
  const placed = [first];
  const onOrder = (body: unknown) =>
    placed.push(new PlacedOrder(shop.stack, teller, (body as { readonly orderId: string }).orderId));
  const probes = probesOf(shop, first.orderId);
  const probing = (service: ServiceName): Probing =>
    probe(() => fleet.urls[service], probes[service], service === 'order' ? onOrder : undefined);

  const calm = (await during(serviceNames, probing, () => sleep(calmMs))) as OutageReport['calm'];
  const outages: Outage[] = [];
  for (const service of services) {
    outages.push(await outageOf(service, context, probing));
    print(inWords(outages.at(-1)!));
  }
  print('waiting for every order to end');
  const problems = await problemsAfter(shop, placed);
  return {
    calm,
    outages,
    outcomes: countBy(await Promise.all(placed.map((order) => order.ended()))),
    problems,
  };
}

async function outageOf(
  stopped: ServiceName,
  context: Watch,
  probing: (service: ServiceName) => Probing,
): Promise<Outage> {
  const { fleet, backlog, stoppedMs } = context;
  const others = serviceNames.filter((service) => service !== stopped);
  await fleet.drain(stopped, newRelease);
  const answering = await during(others, probing, () => sleep(stoppedMs));
  const handledWithinMs = Object.fromEntries(
    await Promise.all(others.map(async (service) => [service, await handled(backlog, service)] as const)),
  );
  const [ends, waiting] = await whatWaits(backlog, stopped);
  const startedAt = performance.now();
  await fleet.start(stopped, newRelease);
  const startMs = Math.round(performance.now() - startedAt);
  return {
    stopped,
    others: answering,
    handledWithinMs,
    waiting,
    startMs,
    caughtUpMs: await handled(backlog, stopped, ends),
  };
}

async function during(
  services: readonly ServiceName[],
  probing: (service: ServiceName) => Probing,
  what: () => Promise<void>,
) {
  const running = services.map((service) => [service, probing(service)] as const);
  await what();
  return Object.fromEntries(
    await Promise.all(running.map(async ([service, each]) => [service, await each.stop()] as const)),
  );
}

/**
 * Waits until at least one message waits for the service, since on a slow machine the first one
 * comes late.
 */
async function whatWaits(backlog: Backlog, service: ServiceName) {
  let ends = await backlog.ends(service);
  let waiting = 0;
  await until(`a message to wait for ${service}`, limitMs, async () => {
    ends = await backlog.ends(service);
    return (waiting = await backlog.missing(service, ends)) > 0;
  });
  return [ends, waiting] as const;
}

/** Resolves to the time that the service needs to handle the messages waiting for it. */
async function handled(
  backlog: Backlog,
  service: ServiceName,
  before?: Awaited<ReturnType<Backlog['ends']>>,
): Promise<number> {
  const ends = before ?? (await backlog.ends(service));
  const startedAt = performance.now();
  await until(
    `${service} to handle the messages waiting for it`,
    limitMs,
    async () => (await backlog.missing(service, ends)) === 0,
  );
  return Math.round(performance.now() - startedAt);
}

function countBy(orders: readonly OrderView[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, reason } of orders) {
    const outcome = reason === undefined ? status : `${status}: ${reason}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

const inWords = ({ stopped, waiting, startMs, caughtUpMs }: Outage): string =>
  `${stopped} was down; it restarted within ${startMs} ms and handled ${waiting} waiting messages ` +
  `within ${caughtUpMs} ms`;
