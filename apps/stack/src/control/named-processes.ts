import type { SupervisedProcess } from '@millrace/operations/contract';
import type { ServiceDefinition, StackDefinition } from '../definition/define-stack.ts';
import type { Supervised } from '../processes/supervise.ts';

/** A process of a service that an operator can stop and start. */
export interface ControlledProcess {
  readonly service: string;
  /** The name that it keeps across restarts: the first process of `order` is `order-1`. */
  readonly instance: string;
  readonly supervised: Supervised;
}

export interface Stopped {
  readonly actor: string;
  readonly reason?: string | undefined;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Names the running processes as the definition of the stack does. */
export const controlledProcesses = (
  { services }: StackDefinition,
  running: readonly Supervised[],
): readonly ControlledProcess[] =>
  Object.entries<ServiceDefinition>(services).flatMap(([service, { processes }]) =>
    processes.flatMap(({ label, instance }) =>
      running.filter(({ name }) => name === label).map((supervised) => ({ service, instance, supervised })),
    ),
  );

/** A name stands for every process of a service, or for one process by its name or its instance. */
export function processesNamed(
  processes: readonly ControlledProcess[],
  name: string,
): readonly ControlledProcess[] {
  const ofService = processes.filter(({ service }) => service === name);
  if (ofService.length > 0) return ofService;
  return processes.filter(({ instance, supervised }) => instance === name || supervised.name === name);
}

/** Names what could have been meant. */
export function unknownName(processes: readonly ControlledProcess[], name: string): string {
  const services = [...new Set(processes.map(({ service }) => service))];
  const single = processes.map(({ instance, supervised }) =>
    services.includes(supervised.name) ? instance : supervised.name,
  );
  return (
    `there is no service or process ${name}: name one of the services ${services.join(', ')}, ` +
    `or one process of ${single.join(', ')}; PostgreSQL, keys and log end with the whole stack`
  );
}

export const viewOf = (
  { service, supervised }: ControlledProcess,
  stopped: Stopped | undefined,
): SupervisedProcess => ({
  process: supervised.name,
  service,
  state: supervised.isStopped ? 'stopped' : supervised.pid === undefined ? 'restarting' : 'running',
  ...(supervised.pid !== undefined && { pid: supervised.pid }),
  ...(supervised.isStopped && stopped !== undefined && { stopped }),
});
