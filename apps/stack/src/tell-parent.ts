import type { RunningStack } from './run-stack.ts';

/** Whoever started the stack with an IPC channel (tests do) is told where everything is: once it is ready, and after each restart of a part. */
export function tellParent(stack: RunningStack, traceUrl?: string): void {
  if (process.send === undefined || !process.connected) return;
  const { urls, instances, postgresUrl, bootstrapServers, smtpUrl, mailFolder, dataFolder } = stack;
  const report = {
    type: 'ready',
    urls,
    instances,
    postgresUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    traceUrl,
    pids: stack.pids(),
  };
  process.send(report, undefined, undefined, () => undefined); // a parent that has just gone is noticed elsewhere
}
