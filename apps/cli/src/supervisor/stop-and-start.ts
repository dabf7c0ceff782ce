import { actOnProcess, localActor, type SupervisorAct } from '@millrace/operations/client';
import { addressesOf } from '../addresses.ts';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { showOutcome } from '../terminal/show.ts';

const elsewhere = 'stop and start its containers or units with the tool that runs them';

const act = (name: SupervisorAct, done: string, summary: string): CommandDefinition => ({
  name,
  summary,
  arguments: [
    { name: '<service>', meaning: 'a service with all of its processes, or one process, such as order-2' },
  ],
  options: [
    { flags: '--reason <text>', meaning: 'why; status shows it while the process is stopped' },
    { flags: '--actor <name>', meaning: 'who acts (default: MILLRACE_ACTOR, or your user and machine)' },
  ],
  examples: [`${name} order`, `${name} inventory-2 --reason "INC-7"`],
  async run(call) {
    const { options, session } = call;
    const service = firstOf(call);
    const stack = addressesOf(call).stack(elsewhere);
    const actor = options.text('actor') ?? (session.environment.MILLRACE_ACTOR?.trim() || localActor());
    const answer = await actOnProcess(stack, name, service, { actor, reason: options.text('reason') });
    const { changed } = answer;
    const known = answer.processes.map(({ process }) => process).join(', ');
    showOutcome(
      call,
      answer,
      changed.length === 0 ? `nothing to do: ${known} had ${done} before` : `${done}: ${changed.join(', ')}`,
    );
  },
});

export const stop = act(
  'stop',
  'stopped',
  'stops a service or one of its processes, until millrace start or the next npm start',
);

export const start = act(
  'start',
  'started',
  'starts what millrace stop has stopped, and waits until it is ready',
);
