import { aliveMessage, isAliveQuestion } from './alive-messages.ts';

/**
 * This module is loaded before each of our own programs. It answers the stack, which asks whether
 * the event loop still runs.
 */
process.on('message', (message) => {
  if (isAliveQuestion(message) && process.connected)
    // An error means that the parent has just gone.
    process.send?.(aliveMessage, undefined, undefined, () => undefined);
});
