import { setTimeout as sleep } from 'node:timers/promises';
import { untilDatabaseAnswers, type TestStack } from '@millrace/test-support/stack';
import { planFaults, type Fault } from './plan.ts';
import type { ChaosOptions } from './options.ts';
import type { Span } from './timers/history.ts';

export interface Inflicted {
  readonly part: string;
  readonly kind: Fault['kind'] | 'upgrade';
  /** Time since the first order. */
  readonly atMs: number;
  readonly orders: number;
}

/** The time from the kill or pause of a part until it ran again, in Unix milliseconds. */
export interface Absence extends Span {
  readonly part: string;
  readonly kind: Inflicted['kind'];
}

export interface FaultOptions {
  readonly stack: TestStack;
  readonly options: ChaosOptions;
  readonly random: () => number;
  readonly ordersPlaced: () => number;
  /** Returns true once every order is placed. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
  readonly onFault: (fault: Inflicted) => void;
  readonly onAbsence: (absence: Absence) => void;
  /** Paused processes, which get no requests: a load balancer would see that they are unhealthy. */
  readonly away: Set<string>;
}

const pollMs = 20;
const upTimeoutMs = 90_000;

/**
 * Inflicts the faults that the seed has planned. Resolves when every part is up again and nothing
 * is paused.
 */
export async function inflictFaults(context: FaultOptions): Promise<void> {
  const { options, random, isOver, signal, onFault, onAbsence, ordersPlaced, stack } = context;
  const recoveries: Promise<void>[] = [];
  const startedAt = performance.now();
  for (const fault of planFaults(options, random)) {
    while (ordersPlaced() < fault.afterOrders && !isOver()) await sleep(pollMs, undefined, { signal });
    await sleep(fault.delayMs, undefined, { signal });
    onFault({
      part: fault.part,
      kind: fault.kind,
      atMs: Math.round(performance.now() - startedAt),
      orders: ordersPlaced(),
    });
    const { fromMs, back } =
      fault.kind === 'pause'
        ? { fromMs: Date.now(), back: pause(context, fault) }
        : await kill(context, fault.part);
    const { part, kind } = fault;
    const recovery = back.then(() => onAbsence({ part, kind, fromMs, toMs: Date.now() }));
    recovery.catch(() => undefined); // awaited at the end
    recoveries.push(recovery);
  }
  await Promise.all(recoveries);
  await everyPartUp(stack, signal);
}

interface Killed {
  readonly fromMs: number;
  /** Resolves once the part runs again. */
  readonly back: Promise<void>;
}

/**
 * Kills a part. If it is down or paused at that moment, it is killed as soon as it is back. Only
 * the start of a whole stack is awaited, since a single part may die while another one starts.
 */
async function kill({ stack, away, signal }: FaultOptions, part: string): Promise<Killed> {
  if (part === 'stack' || part === 'everything') {
    const fromMs = Date.now();
    await stack.crash(part === 'stack' ? 'supervisor' : 'everything');
    await stack.startAgain();
    return { fromMs, back: Promise.resolve() };
  }
  while (away.has(part)) await sleep(pollMs, undefined, { signal });
  await up(stack, part === 'backend' ? 'postgres' : part, signal);
  const fromMs = Date.now();
  // No connection exists while PostgreSQL recovers from the last kill.
  if (part === 'backend') return { fromMs, back: stack.killBackend().catch(() => undefined) };
  const victim = stack.pid(part) ?? 0;
  process.kill(victim, 'SIGKILL');
  const back = up(stack, part, signal, victim);
  return {
    fromMs,
    back: part === 'postgres' ? back.then(() => untilDatabaseAnswers(stack.postgresUrl)) : back,
  };
}

async function pause({ stack, away }: FaultOptions, { part, pauseMs }: Fault): Promise<void> {
  if (stack.pid(part) === undefined) return;
  const goOn = stack.pause(part);
  away.add(part);
  await sleep(pauseMs);
  away.delete(part);
  try {
    goOn();
  } catch {
    // The process was killed in the meantime.
  }
}

/** Resolves once the part runs in another process than the one that was killed. */
async function up(stack: TestStack, part: string, signal: AbortSignal, killed?: number): Promise<void> {
  const limit = performance.now() + upTimeoutMs;
  while ([undefined, killed].includes(stack.pid(part))) {
    if (performance.now() > limit)
      throw new Error(`${part} did not come back within ${upTimeoutMs / 1000} s`);
    await sleep(pollMs, undefined, { signal });
  }
}

async function everyPartUp(stack: TestStack, signal: AbortSignal): Promise<void> {
  for (const part of [...Object.keys(stack.instances), 'broker', 'postgres']) await up(stack, part, signal);
}
