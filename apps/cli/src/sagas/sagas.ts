import { InvalidInput, OpsRefusal } from '@millrace/operations/client';
import type { SagaView } from '@millrace/operations/contract';
import { actOptions, reasonOf } from '../operators.ts';
import type { Call, CommandDefinition, CommandGroup } from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { jsonOf } from '../terminal/show.ts';
import { holdSagas, listHolds } from './hold-sagas.ts';
import { findSaga, sagaArgument, printSaga, listSagas, showSaga, type FoundSaga } from './look-at-sagas.ts';
import { showDefinition } from './saga-definition.ts';
import { sagaEvents } from './saga-events.ts';
import { listTimedProcesses } from './timed-processes.ts';

interface ActionCommand {
  readonly action: string;
  readonly summary: string;
  readonly example: string;
  /** Returns the effect that cannot be undone. An act that has one asks for confirmation. */
  readonly destroys?: (saga: SagaView, body: { readonly step?: string; readonly result?: object }) => string;
}

const stepOption = {
  flags: '--step <name>',
  meaning: 'which of several steps that the saga waits for, as sagas show lists them',
};
const resultOption = {
  flags: '--result <json>',
  meaning:
    'the reply or message to take, such as {"type":"ShipmentScheduled", ...}; without it, a delay or wait ends as if its time were over',
  multiline: true as const,
};

/** Returns a command for one action. The service refuses it if the saga has advanced since it was read. */
const action = ({ action: name, summary, example, destroys }: ActionCommand): CommandDefinition => ({
  name,
  summary,
  arguments: [sagaArgument],
  options: [
    ...(name === 'skip' ? [stepOption, resultOption] : name === 'retry' ? [stepOption] : []),
    ...actOptions,
    ...(destroys === undefined ? [] : [yesOption]),
  ],
  examples: [`sagas ${name} ORDER ${example}`],
  async run(call) {
    const body = {
      action: name,
      reason: reasonOf(call),
      ...((name === 'retry' || name === 'skip') && { step: call.options.text('step') }),
      ...(name === 'skip' && { result: resultOf(call) }),
    };
    const saga = await findSaga(call);
    const { definition, sagaId, status } = saga.found.body;
    if (destroys !== undefined)
      await confirm(call, `${destroys(saga.found.body, body)} of saga ${definition}/${sagaId} (${status})`);
    const acted = await act(saga, body, name === 'retry' ? 1 : attemptsMax);
    const { terminal } = call.session;
    if (call.options.flag('json')) terminal.out(jsonOf(acted));
    else printSaga(terminal, acted);
  },
});

const attemptsMax = 5;

/**
 * Acts on the saga as it was found. If it has only sent a command again meanwhile, the operator would
 * decide the same, so the action is sent again with the new version. Not a retry: the command would go
 * out twice.
 */
async function act({ ops, path, found }: FoundSaga, body: object, attempts: number): Promise<SagaView> {
  let seen = found;
  for (let attempt = 1; ; attempt += 1)
    try {
      const acted = await ops.post<SagaView>(`${path}/actions`, { body, ifMatch: seen.etag });
      return acted.body;
    } catch (error) {
      const hasMoved = error instanceof OpsRefusal && error.code === 'version_moved';
      if (!hasMoved || attempt === attempts) throw error;
      const now = await ops.get<SagaView>(path);
      if (!hasOnlyResent(seen.body, now.body)) throw error;
      seen = now;
    }
}

function hasOnlyResent(before: SagaView, { streamVersion, events }: SagaView): boolean {
  const added = streamVersion - before.streamVersion;
  return (
    added > 0 && added <= events.length && events.slice(-added).every(({ type }) => type === 'CommandResent')
  );
}

/** Without a result, a wait takes the path of its timeout, which the operator may not have meant. */
function whatSkipEnds(
  { waitsFor }: SagaView,
  { step, result }: { readonly step?: string; readonly result?: object },
): string {
  const ended = waitsFor.find((open) => (step === undefined || open.step === step) && isWait(open.role));
  return result !== undefined || ended === undefined
    ? 'skip the step'
    : `end the ${ended.role} ${ended.step}, as if its time were over,`;
}

const isWait = (role: string): boolean => role === 'wait' || role === 'delay';

function resultOf({ options }: Call): object | undefined {
  const text = options.text('result');
  if (text === undefined) return undefined;
  try {
    const result = JSON.parse(text) as unknown;
    if (typeof result === 'object' && result !== null && 'type' in result) return result;
  } catch {
    // The error below says what a result looks like.
  }
  throw new InvalidInput(
    'give the reply to take: --result \'{"type": ...}\', of a type that sagas show lists under "waits for"',
  );
}

const sagaActions: readonly CommandDefinition[] = [
  action({
    action: 'retry',
    summary: 'sends the command again that the saga waits for, or all of them',
    example: '--reason "INC-7: the carrier is back"',
  }),
  action({
    action: 'skip',
    summary: 'takes a result in place of the reply that the saga waits for, or ends a delay or wait',
    example:
      '--reason "INC-7: committed by hand" --result ' +
      `'{"type":"ReservationCommitted","orderId":"ORDER","lines":[{"sku":"teapot","quantity":1}]}'`,
    destroys: whatSkipEnds,
  }),
  action({
    action: 'compensate',
    summary: 'gives the awaited command up and undoes every step; refused after the pivot',
    example: '--reason "INC-7: the customer gave up" --yes',
    destroys: () => 'undo every step',
  }),
  action({
    action: 'pause',
    summary: 'stops a saga: it sends nothing more until it is resumed',
    example: '--reason "INC-7"',
  }),
  action({ action: 'resume', summary: 'continues a paused saga', example: '--reason "INC-7 is over"' }),
];

export const sagas: CommandGroup = {
  name: 'sagas',
  summary:
    'lists sagas and their definitions, and retries, skips, undoes, pauses, resumes and holds them back',
  commands: [
    listSagas,
    showSaga,
    listTimedProcesses,
    sagaEvents,
    showDefinition,
    ...sagaActions,
    listHolds,
    ...holdSagas,
  ],
};
