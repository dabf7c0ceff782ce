import { closeSync, openSync } from 'node:fs';

/**
 * Loaded before a program of ours, which drains when its parent is gone. Two things would keep it running for ever: a parent that is killed
 * before the program listens for that, and a logger that tries again and again to write to the pipe that nobody reads any more.
 */
process.once('disconnect', () => {
  for (const output of [1, 2]) discard(output);
  if (process.listenerCount('disconnect') === 0) process.exit(1); // nothing to drain yet
});

/** What is opened next gets the lowest number that is free: the one that was just closed. */
function discard(descriptor: number): void {
  closeSync(descriptor);
  openSync('/dev/null', 'w');
}
