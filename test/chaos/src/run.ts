import { seededRandom } from '@millrace/testing/random';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { inTurn, startStack, type TestStack } from '@millrace/test-support/stack';
import { inflictFaults, type Absence, type Inflicted } from './faults.ts';
import { placeOrders, shopFor, type Load } from './load.ts';
import type { ChaosOptions } from './options.ts';
import { returnSettings } from './returns.ts';
import { openReleases, type Releases } from './release/releases.ts';
import { rollOrderService } from './release/roll.ts';
import { faultInWords, type Report } from './report.ts';
import { settle } from './settle.ts';
import { judgeTimers, notJudged } from './timers/judge-timers.ts';
import { TimerRecorder } from './timers/recorder.ts';

export interface RunContext {
  readonly print: (line: string) => void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Short, so that an order whose carrier stays silent ends within the run. */
const timeouts = { SAGA_STEP_TIMEOUT_MS: '2500', ORDER_DEADLINE_MS: '5000' };

/**
 * Starts a stack of its own, places the orders while parts of it die, and checks the books once all
 * is quiet. At the deadline it stops and reports what has not ended. It leaves nothing running, and
 * keeps the folder if something was wrong.
 */
export async function runChaos(options: ChaosOptions, { print, signal }: RunContext): Promise<Report> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(options.deadlineSeconds * 1000);
  print(`seed ${options.seed}: starting a stack`);
  const releases = await openReleases();
  const stack = await startStack(
    { ...timeouts, ...returnSettings, ...releases.environment },
    { replicas: options.replicas },
  ).catch(async (error: unknown) => {
    await releases.remove();
    throw error;
  });
  let keepData = false;
  try {
    signal.throwIfAborted();
    const found = await attack(stack, releases, options, {
      print,
      signal: AbortSignal.any([signal, deadline]),
    });
    signal.throwIfAborted();
    keepData = found.violations.length > 0;
    return {
      seed: options.seed,
      orders: options.orders,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      ...found,
      ...(keepData && { folder: stack.dataFolder }),
    };
  } catch (error) {
    keepData = !signal.aborted;
    if (keepData) print(`data and logs are kept in ${stack.dataFolder}`);
    throw error;
  } finally {
    print('stopping the stack');
    await stack.stop({ keepData });
    await releases.remove();
  }
}

type Found = Pick<
  Report,
  'kills' | 'outcomes' | 'styles' | 'versions' | 'timers' | 'settledMs' | 'violations'
>;

async function attack(
  stack: TestStack,
  releases: Releases,
  options: ChaosOptions,
  { print, signal }: RunContext,
): Promise<Found> {
  const away = new Set<string>();
  const recorder = await TimerRecorder.start(stack);
  const teller = new StoryTeller(stack.bootstrapServers);
  try {
    const shop = await openShop(inTurn(stack, away), teller, shopFor(options.orders)).finally(() =>
      teller.close(),
    );
    let onUpgraded = () => undefined as void;
    const upgraded = new Promise<void>((resolve) => (onUpgraded = resolve));
    if (!options.upgrade) onUpgraded();
    const load = placeOrders(shop, options, { random: seededRandom(options.seed), upgraded, signal });
    const harmed = await harm({ stack, releases, options, load, onUpgraded, away, print, signal });
    print(`${load.placed.length} orders placed; waiting for their ends`);
    const quietFrom = performance.now();
    const settled = await settle(stack, shop, load, { print, signal });
    const settledMs = Math.round(performance.now() - quietFrom);
    const timed = await judgeTimers(stack, recorder, harmed.absences, options).catch(notJudged);
    return {
      kills: harmed.kills,
      outcomes: settled.outcomes,
      styles: timed.styles,
      versions: timed.versions,
      timers: timed.figures,
      settledMs,
      violations: [...harmed.troubles, ...settled.violations, ...timed.violations],
    };
  } finally {
    await recorder.stop();
  }
}

interface Harming extends RunContext {
  readonly stack: TestStack;
  readonly releases: Releases;
  readonly options: ChaosOptions;
  readonly load: Load;
  readonly onUpgraded: () => void;
  readonly away: Set<string>;
}

interface Harmed {
  readonly kills: Found['kills'];
  readonly absences: readonly Absence[];
  readonly troubles: Found['violations'];
}

/** Resolves once every order is placed, every fault has happened and the upgrade is done. */
async function harm(harming: Harming): Promise<Harmed> {
  const { stack, releases, options, load, onUpgraded, away, print, signal } = harming;
  let over = false;
  const kills: Inflicted[] = [];
  const absences: Absence[] = [];
  const troubles: Found['violations'][number][] = [];
  const startedAt = performance.now();
  const ordersPlaced = () => load.placed.length;
  const tell = (fault: Inflicted) => {
    kills.push(fault);
    print(faultInWords(fault));
  };
  const troubled = (kind: string, subject: string) => (error: unknown) => {
    if (signal.aborted) return;
    const detail = (error as Error).message;
    troubles.push({ kind, subject, detail });
    print(`${kind}: ${subject}: ${detail}`);
  };
  const placed = load.done
    .catch(troubled('not_answered', 'an order or its cancellation'))
    .finally(() => (over = true));
  const inflicted = inflictFaults({
    stack,
    options,
    random: seededRandom(options.seed + 1),
    ordersPlaced,
    isOver: () => over,
    signal,
    onFault: tell,
    onAbsence: (absence) => absences.push(absence),
    away,
  }).catch(troubled('not_recovered', 'the stack'));
  const rolled = options.upgrade
    ? rollOrderService({
        stack,
        releases,
        ordersPlaced,
        orders: options.orders,
        isOver: () => over,
        signal,
        onReplaced(part, release, fromMs) {
          absences.push({ part, kind: 'upgrade', fromMs, toMs: Date.now() });
          const atMs = Math.round(performance.now() - startedAt);
          tell({ part: `${part} to the ${release} release`, kind: 'upgrade', atMs, orders: ordersPlaced() });
        },
      })
        .catch(troubled('not_upgraded', 'the order service'))
        .finally(onUpgraded)
    : Promise.resolve();
  await Promise.race([Promise.all([placed, inflicted, rolled]), aborted(signal)]);
  await Promise.all([inflicted, rolled]); // a stack may be starting right now
  return { kills, absences, troubles };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
