import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import {
  actOnProcess,
  Addresses,
  connectOps,
  supervisedBy,
  type LocalStack,
  type OpsClient,
} from '@millrace/operations/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import { sharedStack, type ServiceName } from '@millrace/test-support/stack';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';
import { StubService } from './stub-service.ts';

const workspace = join(import.meta.dirname, '../../..');

/** The console of the project's stack. */
export function sharedConsole(): string {
  const { consoleUrl } = sharedStack();
  if (consoleUrl === undefined) throw new Error('the stack of this project has no console');
  return consoleUrl;
}

/** Runs another console for the project's stack, with settings of its own, during the tests of a file. */
export function anotherConsole(settings: () => Readonly<Record<string, string>>): () => string {
  let started: ServiceProcess;
  let url: string;
  beforeAll(async () => {
    started = runServiceProcess(join(workspace, 'apps/console/src'), {
      CONSOLE_PORT: '0',
      MILLRACE_DATA: sharedStack().dataFolder,
      LOG_LEVEL: 'error',
      ...settings(),
    });
    ({ url } = await started.ready);
  });
  afterAll(async () => {
    started.kill('SIGTERM');
    expect(await started.ended).toEqual({ code: 0, stderr: '' });
  });
  return () => url;
}

/** Starts a stub before the tests of a file, and stops it after them. */
export function stubService(): StubService {
  const stub = new StubService();
  beforeAll(() => stub.start());
  afterAll(() => stub.stop());
  return stub;
}

const localStack = (): LocalStack =>
  new Addresses({
    given: { data: sharedStack().dataFolder },
    environment: {},
    workspace,
    clientId: 'millrace-console-suite',
    clock: systemClock,
  }).stack('run this project with the target test-ci');

/** The operator API of a service, for what a test causes. */
export function operatorOf(service: ServiceName): OpsClient {
  const url = localStack().operators?.[service];
  if (url === undefined) throw new Error(`${service} has no operator API`);
  return connectOps({ service, url, token: undefined, actor: 'test' });
}

/** Stops a service as an operator does, while `test` runs. */
export async function whileStopped(service: ServiceName, test: () => Promise<void>): Promise<void> {
  const request = { actor: 'test', reason: 'to see what the console shows' };
  await actOnProcess(localStack(), 'stop', service, request);
  await test().finally(() => actOnProcess(localStack(), 'start', service, request));
}

/** Keeps the process of a service from answering while `test` runs. */
export async function whileSilent(service: ServiceName, test: () => Promise<void>): Promise<void> {
  const found = (await supervisedBy(localStack())).find(({ process }) => process === service);
  if (found?.pid === undefined) throw new Error(`${service} does not run`);
  const { pid } = found;
  process.kill(pid, 'SIGSTOP');
  await test().finally(() => process.kill(pid, 'SIGCONT'));
}
