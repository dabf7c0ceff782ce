/** Called after a commit with the workers that the transaction has left work for. */
export type CommitListener = (workers: ReadonlySet<string>) => void;

/**
 * Announces commits of this process to the workers that poll the database, so that they need not
 * wait for their next poll.
 */
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
