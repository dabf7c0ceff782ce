/** Resolves after timers and sockets have had a turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
