import type { SupervisedProcess } from '@millrace/operations/contract';
import type { ServiceDefinition, StackDefinition } from '../definition/define-stack.ts';
import { isPaused } from '../processes/process-register.ts';
import type { Supervised } from '../processes/supervise.ts';

/** A process on which an operator can act. */
export interface ControlledProcess {
  /** Absent for the databases, the log and the console, which an operator can neither stop nor start. */
  readonly service?: string;
  /** The name that it keeps across restarts: the first process of `order` is `order-1`. */
  readonly instance: string;
  readonly supervised: Supervised;
}

export type LastAct = NonNullable<SupervisedProcess['lastAct']>;

/** Names the running processes as the definition of the stack does: first those of the services. */
export function controlledProcesses(
  { services }: StackDefinition,
  running: readonly Supervised[],
): readonly ControlledProcess[] {
  const ofServices = Object.entries<ServiceDefinition>(services).flatMap(([service, { processes }]) =>
    processes.flatMap(({ label, instance }) =>
      running.filter(({ name }) => name === label).map((supervised) => ({ service, instance, supervised })),
    ),
  );
  const others = running.filter((one) => !ofServices.some(({ supervised }) => supervised === one));
  return [...ofServices, ...others.map((supervised) => ({ instance: supervised.name, supervised }))];
}

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
  const services = [...new Set(processes.flatMap(({ service }) => service ?? []))];
  const single = processes.map(({ instance, supervised }) =>
    services.includes(supervised.name) ? instance : supervised.name,
  );
  return (
    `there is no service or process ${name}: name one of the services ${services.join(', ')}, ` +
    `or one process of ${single.join(', ')}` +
    (processes.some(({ service }) => service === undefined)
      ? ''
      : '; PostgreSQL, keys and log end with the whole stack')
  );
}

const shownSilenceMsMin = 1_000;

export function viewOf(
  { service, instance, supervised }: ControlledProcess,
  lastAct: LastAct | undefined,
): SupervisedProcess {
  const { name, pid, starts, lastEnd, unansweredMs, unansweredMsMax } = supervised;
  return {
    process: name,
    instance,
    service,
    state: stateOf(supervised),
    pid,
    starts,
    lastEnd,
    unansweredMs: unansweredMs < shownSilenceMsMin ? undefined : Math.round(unansweredMs),
    unansweredMsMax,
    lastAct,
  };
}

function stateOf({ isStopped, pid }: Supervised): SupervisedProcess['state'] {
  if (isStopped) return 'stopped';
  if (pid === undefined) return 'restarting';
  return isPaused(pid) ? 'paused' : 'running';
}
