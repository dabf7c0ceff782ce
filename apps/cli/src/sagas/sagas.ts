import { InvalidInput } from '@millrace/operations/client';
import type { SagaView } from '@millrace/operations/contract';
import { actOptions, reasonOf } from '../operators.ts';
import type { Call, CommandDefinition, CommandGroup } from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { jsonOf } from '../terminal/show.ts';
import { findSaga, sagaArgument, printSaga, listSagas, showSaga } from './look-at-sagas.ts';

interface ActionCommand {
  readonly action: string;
  readonly summary: string;
  readonly example: string;
  /** Names the effect that cannot be undone. An act that has one asks for confirmation. */
  readonly destroys?: string;
}

/** Returns a command for one action. The service refuses it if somebody has acted since the saga was read. */
const action = ({ action: name, summary, example, destroys }: ActionCommand): CommandDefinition => ({
  name,
  summary,
  arguments: [sagaArgument],
  options: [
    ...(name === 'skip'
      ? [
          {
            flags: '--result <json>',
            meaning: 'the reply to take, such as {"type":"ShipmentScheduled", ...}',
            multiline: true as const,
          },
        ]
      : []),
    ...actOptions,
    ...(destroys === undefined ? [] : [yesOption]),
  ],
  examples: [`sagas ${name} ORDER ${example}`],
  async run(call) {
    const body = { action: name, reason: reasonOf(call), ...(name === 'skip' && { result: resultOf(call) }) };
    const { ops, path, found } = await findSaga(call);
    const { definition, sagaId, status } = found.body;
    if (destroys !== undefined)
      await confirm(call, `${destroys} of saga ${definition}/${sagaId} (${status})`);
    const acted = await ops.post<SagaView>(`${path}/actions`, { body, ifMatch: found.etag });
    const { terminal } = call.session;
    if (call.options.flag('json')) terminal.out(jsonOf(acted.body));
    else printSaga(terminal, acted.body);
  },
});

function resultOf({ options }: Call): object {
  const text = options.text('result');
  try {
    const result = JSON.parse(text ?? '') as unknown;
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
    summary: 'sends the command again that the saga waits for',
    example: '--reason "INC-7: the carrier is back"',
  }),
  action({
    action: 'skip',
    summary: 'takes a result in place of the reply that the saga waits for',
    example:
      '--reason "INC-7: committed by hand" --result ' +
      `'{"type":"ReservationCommitted","orderId":"ORDER","lines":[{"sku":"teapot","quantity":1}]}'`,
    destroys: 'skip the step',
  }),
  action({
    action: 'compensate',
    summary: 'gives the awaited command up and undoes every step; refused after the pivot',
    example: '--reason "INC-7: the customer gave up" --yes',
    destroys: 'undo every step',
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
  summary: 'lists sagas, and retries, skips, undoes, pauses and resumes them',
  commands: [listSagas, showSaga, ...sagaActions],
};
