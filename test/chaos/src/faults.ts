import { setTimeout as sleep } from 'node:timers/promises';
import type { TestStack } from '@millrace/test-support/stack';
import { planFaults, randomFault, type Fault } from './plan.ts';
import type { ChaosOptions } from './options.ts';

/** A fault that has happened. */
export interface Inflicted {
  readonly part: string;
  readonly kind: Fault['kind'];
  /** Time since the first order. */
  readonly atMs: number;
  /** The number of orders placed by then. */
  readonly orders: number;
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
}

const pollMs = 20;
const upTimeoutMs = 90_000;

/**
 * Inflicts the faults that the seed has planned. Resolves when every part is up again and nothing
 * is paused.
 */
export async function inflictFaults(context: FaultOptions): Promise<void> {
  const { stack, signal, onFault, ordersPlaced } = context;
  const paused: Promise<void>[] = [];
  const startedAt = performance.now();
  for await (const fault of moments(context)) {
    onFault({
      part: fault.part,
      kind: fault.kind,
      atMs: Math.round(performance.now() - startedAt),
      orders: ordersPlaced(),
    });
    if (fault.kind === 'pause') paused.push(pause(stack, fault));
    else await kill(stack, fault.part, signal);
  }
  await Promise.all(paused);
  await everyPartUp(stack, signal);
}

async function* moments({
  options,
  random,
  ordersPlaced,
  isOver,
  signal,
}: FaultOptions): AsyncGenerator<Fault> {
  const { killEveryMs } = options;
  if (killEveryMs !== undefined)
    while (!isOver()) {
      await sleep(2 * random() * killEveryMs, undefined, { signal });
      if (!isOver()) yield randomFault(options, random);
    }
  else
    for (const fault of planFaults(options, random)) {
      while (ordersPlaced() < fault.afterOrders && !isOver()) await sleep(pollMs, undefined, { signal });
      await sleep(fault.delayMs, undefined, { signal });
      yield fault;
    }
}

/**
 * Kills a part. If it is down at that moment, it is killed as soon as it is back. Only the start of
 * a whole stack is awaited, since a single part may die while another one starts.
 */
async function kill(stack: TestStack, part: string, signal: AbortSignal): Promise<void> {
  if (part === 'stack' || part === 'everything') {
    await stack.crash(part === 'stack' ? 'supervisor' : 'everything');
    return stack.startAgain();
  }
  if (part === 'backend') {
    await up(stack, 'postgres', signal);
    return stack.killBackend().catch(() => undefined); // no connection exists while PostgreSQL recovers from the last kill
  }
  await up(stack, part, signal);
  process.kill(stack.pid(part) ?? 0, 'SIGKILL');
}

async function pause(stack: TestStack, { part, pauseMs }: Fault): Promise<void> {
  if (stack.pid(part) === undefined) return;
  const goOn = stack.pause(part);
  await sleep(pauseMs);
  try {
    goOn();
  } catch {
    // The process was killed in the meantime.
  }
}

async function up(stack: TestStack, part: string, signal: AbortSignal): Promise<void> {
  const limit = performance.now() + upTimeoutMs;
  while (stack.pid(part) === undefined) {
    if (performance.now() > limit)
      throw new Error(`${part} did not come back within ${upTimeoutMs / 1000} s`);
    await sleep(pollMs, undefined, { signal });
  }
}

async function everyPartUp(stack: TestStack, signal: AbortSignal): Promise<void> {
  for (const part of [...Object.keys(stack.instances), 'broker', 'postgres']) await up(stack, part, signal);
}
