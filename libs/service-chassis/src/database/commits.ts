/** Tells those who follow the database that something was committed in this process, so that they need not wait for their next poll. */
export interface Commits {
  subscribe(listener: () => void): () => void;
  announce(): void;
}

export const COMMITS = Symbol('Commits');

export function createCommits(): Commits {
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    announce() {
      for (const listener of listeners) listener();
    },
  };
}
