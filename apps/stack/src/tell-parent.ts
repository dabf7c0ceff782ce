import type { RunningStack } from './run-stack.ts';

/**
 * Tells a parent with an IPC channel, such as a test, where everything is. Called once the stack is
 * ready, and after each restart of a part.
 */
export function tellParent(stack: RunningStack, traceUrl?: string): void {
  if (process.send === undefined || !process.connected) return;
  const { urls, instances, operators, postgresUrl, keysUrl, bootstrapServers, smtpUrl } = stack;
  const { mailFolder, dataFolder } = stack;
  const report = {
    type: 'ready',
    urls,
    instances,
    operators,
    postgresUrl,
    keysUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    traceUrl,
    pids: stack.pids(),
  };
  // The loss of the parent is noticed elsewhere.
  process.send(report, undefined, undefined, () => undefined);
}
