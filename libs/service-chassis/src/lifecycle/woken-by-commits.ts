import type { Commits } from '../database/commits.ts';
import type { Component } from './lifecycle.ts';

/** A worker that polls the database, and polls immediately when it is notified. */
export interface WakefulWorker {
  /** The name by which a commit announces work for it. */
  readonly worker: string;
  start(): void;
  stop(): Promise<void>;
  notify(): void;
}

/**
 * Runs workers together. A commit of this process wakes the workers that it leaves work for;
 * polling finds what other processes committed. Stops all of them at the same time.
 */
export function wokenByCommits(
  commits: Commits,
  workers: readonly WakefulWorker[],
): Omit<Component, 'name'> & { stop(): Promise<void> } {
  let unsubscribe = () => {};
  return {
    start() {
      for (const worker of workers) worker.start();
      unsubscribe = commits.subscribe((left) =>
        workers.filter(({ worker }) => left.has(worker)).forEach((worker) => worker.notify()),
      );
    },
    async stop() {
      unsubscribe();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}
