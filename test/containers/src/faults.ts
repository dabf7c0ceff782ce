import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@millrace/test-support/stack';
import type { Platform } from './platform.ts';

const restartTimeoutMs = 120_000;

/** The process id of Node, the only child of the container's init. */
const childOfInit = `require('node:fs').readFileSync('/proc/1/task/1/children', 'utf8').split(' ')[0]`;

/**
 * Sends kill -9 to the program in the service's first container. Resolves once its restart policy
 * has brought it back.
 */
export async function killProcess(platform: Platform, service: string): Promise<void> {
  const container = await platform.container(service);
  await endedAndBack(platform, container, () =>
    platform.dockerOutcome(
      'exec',
      container,
      'node',
      '-e',
      `process.kill(Number(${childOfInit}), 'SIGKILL')`,
    ),
  );
}

/**
 * Fills the memory of the service's first container, so that the kernel kills the program and the
 * restart policy brings it back.
 */
export async function exhaustMemory(platform: Platform, service: string): Promise<void> {
  const container = await platform.container(service);
  const fill = `require('node:fs').writeFileSync('/proc/' + ${childOfInit} + '/oom_score_adj', '1000');
    const all = []; for (;;) all.push(Buffer.alloc(4_194_304, 1));`;
  const startedAt = Date.now();
  await endedAndBack(platform, container, () =>
    platform.dockerOutcome('exec', container, 'node', '-e', fill),
  );
  const ends = await platform.events(container, startedAt);
  if (!/^oom\b/m.test(ends) || !/^die 137$/m.test(ends))
    throw new Error(`${container} did not run out of memory: ${ends}`);
}

async function endedAndBack(
  platform: Platform,
  container: string,
  end: () => Promise<unknown>,
): Promise<void> {
  const { restarts } = await platform.state(container);
  await end();
  await until(`${container} to be started again`, restartTimeoutMs, async () => {
    const state = await platform.state(container);
    return state.running && state.restarts > restarts;
  });
}

/**
 * Disconnects one of the service's containers from the network for longer than its session in the
 * group lasts, and connects it again.
 */
export async function cutNetwork(platform: Platform, service: string, forMs: number): Promise<string> {
  const container = await platform.container(service);
  const network = `${platform.project}_default`;
  await platform.docker('network', 'disconnect', network, container);
  try {
    await sleep(forMs);
  } finally {
    await platform.docker('network', 'connect', '--alias', service, network, container);
  }
  return container;
}

/** Asks the program from within its container what is not ready. Empty when it is ready. */
export async function unreadiness(platform: Platform, container: string, port: number): Promise<string> {
  const ask = `fetch('http://127.0.0.1:${port}/readyz').then(async (answer) => console.log(answer.status === 200 ? '' : await answer.text()), console.log)`;
  const { code, output } = await platform.dockerOutcome('exec', container, 'node', '-e', ask);
  return code === 0 ? output.trim() : `the container does not answer: ${output}`;
}
