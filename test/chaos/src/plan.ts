import { serviceNames } from '@millrace/test-support/stack';
import type { ChaosOptions, Part } from './options.ts';

/** A kill or a pause of one part. */
export interface Fault {
  readonly part: Part;
  readonly kind: 'kill' | 'pause';
  /** The length of a pause. */
  readonly pauseMs: number;
}

/** A fault and the moment at which it happens. */
export interface PlannedFault extends Fault {
  /** Happens once this many orders are placed. */
  readonly afterOrders: number;
  /** Happens this much later, so that it does not always follow an answer immediately. */
  readonly delayMs: number;
}

const jitterMsMax = 500;
const pauseMsMin = 500;
const pauseMsMax = 8_000;
const pausedShare = 0.3;

/**
 * The parts that may be paused. `backend` and `everything` are several processes, and pausing the
 * supervisor only delays restarts.
 */
const pausable: ReadonlySet<Part> = new Set<Part>([...serviceNames, 'broker', 'postgres']);

export function randomFault(
  { parts, pauses }: Pick<ChaosOptions, 'parts' | 'pauses'>,
  random: () => number,
): Fault {
  const part = parts[Math.floor(random() * parts.length)] as Part;
  const share = random();
  const length = random();
  const kind = pauses && share < pausedShare && pausable.has(part) ? 'pause' : 'kill';
  return { part, kind, pauseMs: Math.round(pauseMsMin + length * (pauseMsMax - pauseMsMin)) };
}

/**
 * Plans the same faults after the same orders for the same seed: none before the first order, none
 * after the last.
 */
export function planFaults(
  options: Pick<ChaosOptions, 'orders' | 'kills' | 'parts' | 'pauses'>,
  random: () => number,
): readonly PlannedFault[] {
  const planned = Array.from({ length: options.kills }, () => ({
    ...randomFault(options, random),
    afterOrders: 1 + Math.floor(random() * Math.max(options.orders - 1, 1)),
    delayMs: Math.round(random() * jitterMsMax),
  }));
  return planned.sort((one, other) => one.afterOrders - other.afterOrders);
}
