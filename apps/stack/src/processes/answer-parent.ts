import { aliveMessage, isAliveQuestion } from './alive-messages.ts';

/** Loaded before a program of ours: answers the stack, which asks whether the event loop still turns. */
process.on('message', (message) => {
  if (isAliveQuestion(message) && process.connected)
    process.send?.(aliveMessage, undefined, undefined, () => undefined); // a parent that has just gone asks no more
});
