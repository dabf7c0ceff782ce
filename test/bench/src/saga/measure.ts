import { serviceNames, type ServiceName, type TestStack } from '@millrace/test-support/stack';
import { sum } from '../numbers.ts';
import { cpuTimeMs, cpuTimeOfTreeMs } from './cpu-time.ts';
import type { LoadResult } from './load.ts';
import {
  countsBetween,
  countsTogether,
  type StatementCounters,
  type StatementCounts,
} from './statement-counts.ts';

export interface Measured extends LoadResult {
  /** The CPU ms of each process over the whole run. Undefined if the system does not report it. */
  readonly cpuMs: ReadonlyMap<string, number | undefined>;
  readonly statements: ReadonlyMap<ServiceName, StatementCounts>;
}

/** Runs a load, and measures the CPU time and the SQL statements of every process in that time. */
export async function measured(
  stack: TestStack,
  counters: StatementCounters,
  load: () => Promise<LoadResult>,
): Promise<Measured> {
  const statementsBefore = await statementsOf(stack, counters);
  const cpuBefore = cpuOf(stack);
  const result = await load();
  const cpuAfter = cpuOf(stack);
  const statementsAfter = await statementsOf(stack, counters);
  return {
    ...result,
    cpuMs: new Map([...cpuAfter].map(([part, ms]) => [part, difference(cpuBefore.get(part), ms)])),
    statements: new Map(
      serviceNames.map((service) => [
        service,
        countsBetween(statementsBefore.get(service)!, statementsAfter.get(service)!),
      ]),
    ),
  };
}

/** The CPU ms of each process so far. Undefined if the system does not report it. */
export function cpuOf(stack: TestStack): ReadonlyMap<string, number | undefined> {
  const services = serviceNames.map(
    (service) => [service, sumOf(processesOf(stack, service).map(cpuTimeMs))] as const,
  );
  const node = ['broker', 'stack'].map((part) => [part, cpuTimeMs(pidOf(stack, part))] as const);
  const servers = ['postgres', 'keys'].map((part) => [part, cpuTimeOfTreeMs(pidOf(stack, part))] as const);
  return new Map([...services, ...node, ...servers, ['bench client', cpuTimeMs(process.pid)]]);
}

async function statementsOf(
  stack: TestStack,
  counters: StatementCounters,
): Promise<ReadonlyMap<ServiceName, StatementCounts>> {
  const counts = await Promise.all(
    serviceNames.map(async (service) =>
      countsTogether(await Promise.all(processesOf(stack, service).map((pid) => counters.read(pid)))),
    ),
  );
  return new Map(serviceNames.map((service, index) => [service, counts[index]!]));
}

/** The process of every role, if the service is split. */
const processesOf = (stack: TestStack, service: ServiceName): readonly number[] =>
  Object.keys(stack.instances)
    .filter((part) => part === service || part.startsWith(`${service}-`))
    .map((part) => pidOf(stack, part));

/** Undefined if one of the values is. */
export const sumOf = (values: readonly (number | undefined)[]): number | undefined =>
  values.includes(undefined) ? undefined : sum(values.map((value) => value ?? 0));

function pidOf(stack: TestStack, part: Parameters<TestStack['pid']>[0]): number {
  const pid = stack.pid(part);
  if (pid === undefined) throw new Error(`${part} is down`);
  return pid;
}

const difference = (before: number | undefined, after: number | undefined) =>
  before === undefined || after === undefined ? undefined : after - before;
