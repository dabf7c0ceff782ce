/** What hears of a commit: the workers that its transaction has left work for. */
export type CommitListener = (workers: ReadonlySet<string>) => void;

/** Tells those who follow the database that something was committed in this process, so that they need not wait for their next poll. */
export interface Commits {
  subscribe(listener: CommitListener): () => void;
  announce: CommitListener;
}

export const COMMITS = Symbol('Commits');

export function createCommits(): Commits {
  const listeners = new Set<CommitListener>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    announce(workers) {
      for (const listener of listeners) listener(workers);
    },
  };
}
