import { closeSync, openSync } from 'node:fs';

/**
 * This module is loaded before each of our own programs, which drain when their parent is gone. Two
 * things would keep such a program running forever: a parent that is killed before the program
 * listens for that, and a logger that keeps trying to write to a pipe that nobody reads any more.
 */
process.once('disconnect', () => {
  for (const output of [1, 2]) discard(output);
  if (process.listenerCount('disconnect') === 0) process.exit(1); // nothing to drain yet
});

/**
 * Replaces an output by /dev/null. A file that is opened gets the lowest free descriptor, which is
 * the one just closed.
 */
function discard(descriptor: number): void {
  closeSync(descriptor);
  openSync('/dev/null', 'w');
}
