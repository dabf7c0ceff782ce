/** Resolves after timers and sockets had their turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
