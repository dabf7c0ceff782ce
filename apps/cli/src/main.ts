import { join } from 'node:path';
import { systemClock } from '@millrace/streaming-core/runtime';
import { commands } from './commands.ts';
import { runMillrace } from './run-millrace.ts';
import { processTerminal } from './terminal/process-terminal.ts';

const stopped = new AbortController();
process.once('SIGINT', () => {
  stopped.abort();
  process.once('SIGINT', () => process.exit(130)); // a second Ctrl-C does not wait
});

// The timers of the clock do not keep a process alive, and neither does a wait for one of them.
const stayAliveMs = 2 ** 30;
setInterval(() => undefined, stayAliveMs);

process.exit(
  await runMillrace(commands, process.argv.slice(2), {
    terminal: processTerminal(),
    environment: process.env,
    workspace: join(import.meta.dirname, '../../..'),
    clock: systemClock,
    signal: stopped.signal,
  }),
);
