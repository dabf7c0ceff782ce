import { token } from '../ground/provide.ts';
import type { Component } from '../ground/lifecycle/lifecycle.ts';

/** Called with the names of workers that a commit has left work for. */
export type CommitListener = (workers: ReadonlySet<string>) => void;

/** A worker that looks for work in the database when it is notified. */
interface WakefulWorker {
  /** The name by which a commit announces work for it. */
  readonly worker: string;
  /** False while the worker of another process does this work, for instance under a lease. */
  readonly inCharge?: boolean;
  notify(): void;
}

/**
 * Wakes the workers that poll the database, so that they need not wait for their next poll. Commits
 * of this process wake the workers of this process, or else are passed on to those of others.
 */
export interface Commits {
  /** Returns a function that ends the subscription. */
  subscribe(workers: readonly WakefulWorker[]): () => void;
  /** Returns the worker of this process with that name. */
  find(worker: string): WakefulWorker | undefined;
  /** Announces a commit of this process. */
  announce: CommitListener;
  /** Wakes workers of this process for a commit of another one. */
  wake: CommitListener;
  /** Wakes every worker, after commits of other processes may have gone unnoticed. */
  wakeAll(): void;
  /** `listener` learns of work that no worker of this process is in charge of. */
  passOnTo(listener: CommitListener): void;
}

/** The announcements of commits, by which workers of this process wake each other. */
export const COMMITS = token<Commits>('Commits');

export function createCommits(): Commits {
  const subscribed = new Set<readonly WakefulWorker[]>();
  let passOn: CommitListener | undefined;
  const all = () => [...subscribed].flat();
  const wake: CommitListener = (left) =>
    all()
      .filter(({ worker }) => left.has(worker))
      .forEach((worker) => worker.notify());
  return {
    subscribe(workers) {
      subscribed.add(workers);
      return () => void subscribed.delete(workers);
    },
    find: (name) => all().find(({ worker }) => worker === name),
    announce(left) {
      wake(left);
      if (passOn === undefined || left.size === 0) return;
      const inCharge = all().filter((worker) => worker.inCharge !== false);
      const others = [...left].filter((name) => !inCharge.some(({ worker }) => worker === name));
      if (others.length > 0) passOn(new Set(others));
    },
    wake,
    wakeAll: () => all().forEach((worker) => worker.notify()),
    passOnTo(listener) {
      passOn = listener;
    },
  };
}

/** A worker that polls the database, and polls immediately when it is notified. */
interface PollingWorker extends WakefulWorker {
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
