import type { Commits } from '../database/commits.ts';
import type { Component } from './lifecycle.ts';

/** Follows the database by polling, and looks at once when it is told to. */
export interface WakefulWorker {
  /** Its name among those that a commit leaves work for. */
  readonly worker: string;
  start(): void;
  stop(): Promise<void>;
  notify(): void;
}

/** Workers that run together. A commit of this process wakes those that it leaves work for; their own polling finds what others committed. Stops them side by side. */
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
