import { actOnProcess, localActor } from '@millrace/operations/client';
import type { SupervisorAct } from '@millrace/operations/contract';
import { addressesOf } from '../addresses.ts';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { showOutcome } from '../terminal/show.ts';

const elsewhere = 'stop and start its containers or units with the tool that runs them';

interface ProcessAct {
  readonly name: SupervisorAct;
  readonly summary: string;
  readonly done: string;
  /** Why a process was left as it is. */
  readonly idle: string;
  readonly examples: readonly string[];
}

const act = ({ name, summary, done, idle, examples }: ProcessAct): CommandDefinition => ({
  name,
  summary,
  arguments: [
    { name: '<service>', meaning: 'a service with all of its processes, or one process, such as order-2' },
  ],
  options: [
    { flags: '--reason <text>', meaning: 'why, which the supervisor prints; status shows that of a stop' },
    { flags: '--actor <name>', meaning: 'who acts (default: MILLRACE_ACTOR, or your user and machine)' },
  ],
  examples,
  async run(call) {
    const { options, session } = call;
    const service = firstOf(call);
    const stack = addressesOf(call).stack(elsewhere);
    const actor = options.text('actor') ?? (session.environment.MILLRACE_ACTOR?.trim() || localActor());
    const answer = await actOnProcess(stack, name, service, { actor, reason: options.text('reason') });
    const { changed } = answer;
    const known = answer.processes.map(({ process }) => process).join(', ');
    const outcome =
      changed.length === 0 ? `nothing to do: ${known} ${idle}` : `${done}: ${changed.join(', ')}`;
    showOutcome(call, answer, outcome);
  },
});

export const stop = act({
  name: 'stop',
  summary: 'stops a service or one of its processes, until millrace start or the next npm start',
  done: 'stopped',
  idle: 'had stopped before',
  examples: ['stop order', 'stop inventory-2 --reason "INC-7"'],
});

export const start = act({
  name: 'start',
  summary: 'starts what millrace stop has stopped, and waits until it is ready',
  done: 'started',
  idle: 'had started before',
  examples: ['start order', 'start inventory-2 --reason "INC-7"'],
});

const onlyWithFaults = 'only with MILLRACE_FAULTS=1 npm start';

export const kill = act({
  name: 'kill',
  summary: `kills a service or any one process (SIGKILL), which the supervisor starts again; ${onlyWithFaults}`,
  done: 'killed',
  idle: 'did not run',
  examples: ['kill payment', 'kill broker --reason "demo"'],
});

export const pause = act({
  name: 'pause',
  summary: `pauses a service or any one process (SIGSTOP), until resume or a restart; ${onlyWithFaults}`,
  done: 'paused',
  idle: 'did not run, or was paused before',
  examples: ['pause payment', 'pause order-2 --reason "demo"'],
});

export const resume = act({
  name: 'resume',
  summary: `resumes what millrace pause has paused (SIGCONT); ${onlyWithFaults}`,
  done: 'resumed',
  idle: 'was not paused',
  examples: ['resume payment'],
});
