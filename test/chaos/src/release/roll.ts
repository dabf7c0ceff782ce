import { setTimeout as sleep } from 'node:timers/promises';
import type { TestStack } from '@millrace/test-support/stack';
import type { ReleaseName, Releases } from './releases.ts';

export interface RollOptions {
  readonly stack: Pick<TestStack, 'instances' | 'pid'>;
  readonly releases: Pick<Releases, 'deploy' | 'runBy'>;
  readonly ordersPlaced: () => number;
  readonly orders: number;
  /** True once no more orders are placed. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
  /**
   * Called once the successor of a process is ready. `fromMs` is the time of the last SIGTERM, or
   * the current time if the process ran the release already.
   */
  readonly onReplaced: (part: string, release: ReleaseName, fromMs: number) => void;
}

/** The share of the orders after which each release is deployed. */
const deployments: ReadonlyArray<{ readonly release: ReleaseName; readonly after: number }> = [
  { release: 'learning', after: 0.3 },
  { release: 'starting', after: 0.6 },
];
const pollMs = 20;
const replaceMsMax = 90_000;

/**
 * Upgrades the order service in the middle of the orders, one process after the other. No process
 * starts version 2 of the saga before every process knows it.
 */
export async function rollOrderService(options: RollOptions): Promise<void> {
  const { stack, releases, orders, ordersPlaced, isOver, signal } = options;
  const processes = Object.keys(stack.instances).filter((part) => /^order(-\d+)?$/.test(part));
  for (const { release, after } of deployments) {
    while (ordersPlaced() < orders * after && !isOver()) await sleep(pollMs, undefined, { signal });
    releases.deploy(release);
    for (const part of processes) await replace(part, release, options);
  }
}

/**
 * Ends the process with SIGTERM; its supervisor restarts it with the new release. If a fault has
 * killed it since the deployment, it runs the new release already.
 */
async function replace(part: string, release: ReleaseName, options: RollOptions): Promise<void> {
  const { stack, releases, signal, onReplaced } = options;
  const limit = performance.now() + replaceMsMax;
  let ending: number | undefined;
  let fromMs: number | undefined;
  for (;;) {
    const pid = stack.pid(part);
    if (pid !== undefined && releases.runBy(pid) === release)
      return onReplaced(part, release, fromMs ?? Date.now());
    if (pid !== undefined && pid !== ending) {
      ending = pid;
      fromMs = Date.now();
      process.kill(pid, 'SIGTERM');
    }
    if (performance.now() > limit)
      throw new Error(`${part} did not come back as the ${release} release within ${replaceMsMax / 1000} s`);
    await sleep(pollMs, undefined, { signal });
  }
}
