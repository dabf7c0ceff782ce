import type { RunningStack } from './run-stack.ts';

/** Whoever started the stack with an IPC channel (tests do) is told where everything is: once it is ready, and after each restart of a part. */
export function tellParent({ urls, postgresUrl, bootstrapServers, mailFolder, dataFolder, pids }: RunningStack): void {
  if (process.send === undefined || !process.connected) return;
  const report = { type: 'ready', urls, postgresUrl, bootstrapServers, mailFolder, dataFolder, pids: pids() };
  process.send(report, undefined, undefined, () => undefined); // a parent that has just gone is noticed elsewhere
}
