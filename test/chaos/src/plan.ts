import { replicatedParts, type ChaosOptions, type Part } from './options.ts';

export interface Fault {
  readonly part: Part;
  readonly kind: 'kill' | 'pause';
  /** The length of a pause. */
  readonly pauseMs: number;
}

export interface PlannedFault extends Fault {
  /** Happens once this many orders are placed. */
  readonly afterOrders: number;
  /** Happens this much later, so that it does not always follow an answer immediately. */
  readonly delayMs: number;
}

const jitterMsMax = 500;
const pauseMsMin = 500;
const pauseMsMax = 8_000;
const pausedShare = 0.5;
/**
 * Longer than the lease of a relay (5 s) and the session of a consumer (6 s), so that another
 * process takes over during the pause.
 */
const longPauseMsMin = 7_500;
const longPauseMsMax = 10_000;

/**
 * The parts that are never paused. `backend` and `everything` are several processes, and pausing
 * the supervisor only delays restarts.
 */
const notPausable: ReadonlySet<Part> = new Set<Part>(['backend', 'stack', 'everything']);

/**
 * Takes the parts in turn, so that every one is killed before any is harmed again, and the broker
 * first. Later rounds pause some parts.
 */
function faultsInTurn(
  { kills, parts, pauses }: Pick<ChaosOptions, 'kills' | 'parts' | 'pauses'>,
  random: () => number,
): readonly Fault[] {
  const rounds = Array.from({ length: Math.ceil(kills / parts.length) }, (_, round) =>
    shuffled(parts, random)
      .toSorted((one, other) => Number(other === 'broker') - Number(one === 'broker'))
      .map((part): Fault => {
        const mayPause = pauses && round > 0 && !notPausable.has(part);
        const kind = random() < pausedShare && mayPause ? 'pause' : 'kill';
        return { part, kind, pauseMs: Math.round(pauseMsMin + random() * (pauseMsMax - pauseMsMin)) };
      }),
  );
  return rounds.flat().slice(0, kills);
}

type PlanOptions = Pick<ChaosOptions, 'orders' | 'kills' | 'parts' | 'pauses' | 'longPauses' | 'replicas'>;

/**
 * Plans the same faults after the same orders for the same seed: none before the first order, none
 * after the last.
 */
export function planFaults(options: PlanOptions, random: () => number): readonly PlannedFault[] {
  const faults = faultsInTurn(options, random);
  const moment = () => 1 + Math.floor(random() * Math.max(options.orders - 1, 1));
  const planned = [
    ...faults.map((fault) => ({ ...fault, afterOrders: moment(), delayMs: jitter(random) })),
    ...planLongPauses(options, random),
  ];
  return planned.sort((one, other) => one.afterOrders - other.afterOrders);
}

const jitter = (random: () => number): number => Math.round(random() * jitterMsMax);

/**
 * Plans each pause in a section of the orders of its own, where it begins in the first half, so
 * that two pauses rarely overlap. No process is paused twice before every other one was paused.
 */
function planLongPauses(
  { orders, longPauses, replicas }: PlanOptions,
  random: () => number,
): readonly PlannedFault[] {
  const parts = shuffled(replicatedParts(replicas), random);
  return Array.from({ length: longPauses }, (_, index) => ({
    part: parts[index % parts.length] as Part,
    kind: 'pause' as const,
    pauseMs: Math.round(longPauseMsMin + random() * (longPauseMsMax - longPauseMsMin)),
    afterOrders: Math.max(1, Math.floor(((index + random() / 2) * orders) / longPauses)),
    delayMs: jitter(random),
  }));
}

const shuffled = (parts: readonly Part[], random: () => number): readonly Part[] =>
  parts
    .map((part) => ({ part, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ part }) => part);
