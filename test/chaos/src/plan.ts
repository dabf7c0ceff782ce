import { serviceNames } from '@millrace/test-support/stack';
import type { ChaosOptions, Part } from './options.ts';

/** What happens to which part. */
export interface Fault {
  readonly part: Part;
  readonly kind: 'kill' | 'pause';
  /** Of a pause. */
  readonly pauseMs: number;
}

/** A fault and when it comes. */
export interface PlannedFault extends Fault {
  /** Once so many orders are placed. */
  readonly afterOrders: number;
  /** So much later: not always right after an answer. */
  readonly delayMs: number;
}

const jitterMsMax = 500;
const pauseMsMin = 500;
const pauseMsMax = 8_000;
const pausedShare = 0.3;

/** Nobody can be stopped who is many, and a stopped supervisor only delays. */
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

/** The same seed plans the same faults after the same orders: none before the first, none after the last. */
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
