import { findOwners, InvalidInput } from '@millrace/operations/client';
import type { HoldsView } from '@millrace/operations/contract';
import { actOptions, askAll, opsClients, opsOption, reasonOf } from '../operators.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { emptyList, showOutcome, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

type Hold = HoldsView['items'][number];

const columns: Columns<Hold> = {
  KIND: 'kind',
  NAME: 'name',
  ACTOR: 'actor',
  SINCE: 'heldAt',
  REASON: { freeText: 'reason' },
};

export const listHolds: CommandDefinition = {
  name: 'holds',
  summary: 'lists the sagas and commands that operators hold back as a whole',
  options: [opsOption],
  examples: ['sagas holds'],
  async run(call) {
    const found = await askAll(call, async (ops) => (await ops.get<HoldsView>('/ops/saga-holds')).body.items);
    showRows(call, found, { columns, none: emptyList('sagas that are held back') });
  },
};

const nameOptions = [
  { flags: '--definition <name>', meaning: 'every saga of this definition' },
  { flags: '--commands <topic>', meaning: 'the commands on this topic, so those to a participant' },
];

/** Returns what the options name. Throws `InvalidInput` unless that is one thing. */
function heldIn({ options }: Call): { readonly kind: Hold['kind']; readonly name: string } {
  const definition = options.text('definition');
  const commands = options.text('commands');
  if ((definition === undefined) === (commands === undefined))
    throw new InvalidInput('name one of --definition NAME and --commands TOPIC');
  return definition === undefined
    ? { kind: 'commands', name: commands ?? '' }
    : { kind: 'definition', name: definition };
}

const act = (
  name: 'hold' | 'release',
  path: string,
  { summary, example, said }: { readonly summary: string; readonly example: string; readonly said: string },
): CommandDefinition => ({
  name,
  summary,
  options: [...nameOptions, ...actOptions],
  examples: [`sagas ${name} ${example}`],
  async run(call) {
    const held = heldIn(call);
    const body = { ...held, reason: reasonOf(call) };
    const thing = `${held.kind === 'definition' ? 'definition' : 'commands on'} ${held.name}`;
    const owners = await findOwners(opsClients(call), thing, (ops) => ops.post<HoldsView>(path, { body }));
    const services = owners.map(({ ops }) => ops.service);
    showOutcome(call, { ...held, services }, `${services.join(', ')}: ${thing} ${said}`);
  },
});

export const holdSagas: readonly CommandDefinition[] = [
  act('hold', '/ops/saga-holds', {
    summary: 'stops many sagas at once: they record what comes, send nothing, and no step times out',
    example: '--commands payment-commands --reason "INC-9: the provider is down"',
    said: 'held back; every process follows within a second',
  }),
  act('release', '/ops/saga-holds/release', {
    summary: 'lets held sagas go on: what was not sent is sent',
    example: '--commands payment-commands --reason "INC-9 is over"',
    said: 'released',
  }),
];
