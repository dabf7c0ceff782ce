/**
 * `npm run program -- tools/scale-by-lag.ts --service NAME --metrics URL` gives a service as many containers as the lag
 * of its group needs, by KEDA's rule, until it is stopped:
 *   --group NAME (the service), --lag-threshold 500, --min 1, --max 6: a container for so many messages
 *   --every 15, --stabilisation 300: seconds between two looks, and before containers are taken away
 *   --once: one look
 *   --compose 'docker compose': the command of compose
 * The URL is that of the service behind the gateway, such as http://127.0.0.1:3001/metrics.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  lagOf,
  StabilisedReplicas,
  type ScalingRule,
} from '../libs/operations/src/client/replicas-by-lag.ts';
import { workspace } from './workspace.ts';

const answerMsMax = 10_000;
const composeMsMax = 120_000;

const text = (byDefault?: string) => ({ type: 'string', default: byDefault }) as const;

const { values } = parseArgs({
  options: {
    service: text(),
    metrics: text(),
    group: text(),
    'lag-threshold': text('500'),
    min: text('1'),
    max: text('6'),
    every: text('15'),
    stabilisation: text('300'),
    compose: text('docker compose'),
    once: { type: 'boolean', default: false },
  },
});

function needed(option: 'service' | 'metrics'): string {
  const value = values[option];
  if (value === undefined) throw new Error(`--${option} is missing: see the head of tools/scale-by-lag.ts`);
  return value;
}

function count(option: 'lag-threshold' | 'min' | 'max' | 'every' | 'stabilisation'): number {
  const value = Number(values[option]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${option} ${values[option]}: give a whole number from 1`);
  return value;
}

/** Runs compose, and returns what it prints. */
function compose(...args: readonly string[]): string {
  const [program = '', ...first] = (values.compose ?? '').split(' ');
  const result = spawnSync(program, [...first, ...args], {
    cwd: workspace,
    encoding: 'utf8',
    timeout: composeMsMax,
  });
  if (result.status === 0) return result.stdout;
  throw new Error(`${values.compose} ${args.join(' ')}: ${result.error?.message ?? result.stderr.trim()}`);
}

async function readLag(url: string, group: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return lagOf(group, await answer.text());
}

async function main(): Promise<void> {
  const service = needed('service');
  const url = needed('metrics');
  const group = values.group ?? service;
  const rule: ScalingRule = {
    lagThreshold: count('lag-threshold'),
    replicasMin: count('min'),
    replicasMax: count('max'),
    stabilisationMs: count('stabilisation') * 1_000,
  };
  const everyMs = count('every') * 1_000;
  let running = compose('ps', '-q', service).split('\n').filter(Boolean).length;
  const scaling = new StabilisedReplicas(rule, { replicas: running, atMs: performance.now() });
  for (;;) {
    // A service whose containers are being replaced does not answer for a moment.
    const lag = await readLag(url, group).catch((error: unknown) => {
      console.error(`${service}: ${(error as Error).message}`);
      return undefined;
    });
    const wanted = lag === undefined ? running : scaling.next(lag, performance.now());
    if (wanted !== running) {
      compose('up', '-d', '--no-deps', '--no-recreate', '--scale', `${service}=${wanted}`, service);
      console.log(`${service}: ${running} -> ${wanted} containers for a lag of ${lag}`);
      running = wanted;
    }
    if (values.once) return;
    await pause(everyMs);
  }
}

try {
  await main();
} catch (error) {
  console.error(`scale-by-lag: ${(error as Error).message}`);
  process.exitCode = 1;
}
