import type { Commits, WakefulWorker } from './commits.ts';
import type { Component } from '../ground/lifecycle/lifecycle.ts';

/** A worker that polls the database, and polls immediately when it is notified. */
export interface PollingWorker extends WakefulWorker {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Runs workers together. Commits that leave them work wake them; polling finds what they were not
 * woken for. Stops all of them at the same time.
 */
export function wokenByCommits(
  commits: Commits,
  workers: readonly PollingWorker[],
): Omit<Component, 'name'> & { stop(): Promise<void> } {
  let unsubscribe = () => {};
  return {
    start() {
      for (const worker of workers) worker.start();
      unsubscribe = commits.subscribe(workers);
    },
    async stop() {
      unsubscribe();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
