import { readPages } from '@millrace/operations/client';
import type { GivenUpView, ParkedPage } from '@millrace/operations/contract';
import { actOptions, opsClient, opsOption, reasonOf, listFirst } from '../operators.ts';
import { firstOf, type CommandDefinition, type CommandGroup } from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { emptyList, showOutcome, showRows } from '../terminal/show.ts';

type ParkedKey = ParkedPage['items'][number];

const limitByDefault = 50;
const path = '/ops/parked-keys';

const listParked: CommandDefinition = {
  name: 'list',
  summary: 'lists the keys whose messages wait behind one that fails, with the error',
  options: [
    { flags: '--topic <name>', meaning: 'only messages of this topic' },
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['parked list'],
  async run(call) {
    const limit = call.options.count('limit', 1) ?? limitByDefault;
    const found = await listFirst(call, limit, async (ops) => {
      const query = { topic: call.options.text('topic') };
      const { items, ...rest } = await readPages<ParkedKey>(ops, path, query, limit);
      return { ...rest, items: items.map((key) => ({ service: ops.service, ...key })) };
    });
    showRows<ParkedKey & { readonly service: string }>(call, found, {
      columns: {
        SERVICE: 'service',
        POSITION: 'position',
        MESSAGE: ({ topic, partition, offset }) => `${topic}/${partition}@${offset}`,
        KEY: 'key',
        TYPE: 'type',
        WAITING: 'messages',
        ATTEMPTS: 'attempts',
        NEXT: 'retryAt',
        ERROR: { freeText: 'lastError' },
      },
      none: emptyList('parked keys', { topic: call.options.text('topic') }),
    });
  },
};

const giveUp: CommandDefinition = {
  name: 'give-up',
  summary: 'makes the next attempt of a parked message its last, so that the rest of its key goes on',
  arguments: [
    { name: '<service>', meaning: 'service that has parked it' },
    { name: '<position>', meaning: 'position of the message, from parked list' },
  ],
  options: [...actOptions, yesOption],
  examples: ['parked give-up inventory 17 --reason "INC-7: the product does not exist" --yes'],
  async run(call) {
    const service = firstOf(call);
    const position = call.args[1] ?? '';
    const reason = reasonOf(call);
    const ops = opsClient(call, service);
    await confirm(call, `give up message ${position} of ${service} if its next attempt fails`);
    const { body } = await ops.post<GivenUpView>(`${path}/${encodeURIComponent(position)}/give-up`, {
      body: { reason },
    });
    showOutcome(
      call,
      body,
      `the last attempt is due ${body.retryAt ?? 'now'}; if it fails, the message becomes a dead letter`,
    );
  },
};

const retry: CommandDefinition = {
  name: 'retry',
  summary: 'tries a parked message now, instead of after its pause',
  arguments: giveUp.arguments ?? [],
  options: actOptions,
  examples: ['parked retry inventory 17 --reason "INC-7: the product is defined now"'],
  async run(call) {
    const position = call.args[1] ?? '';
    const reason = reasonOf(call);
    const ops = opsClient(call, firstOf(call));
    const { body } = await ops.post<object>(`${path}/${encodeURIComponent(position)}/retry`, {
      body: { reason },
    });
    showOutcome(call, body, 'it is tried within seconds; parked list says whether it has failed again');
  },
};

export const parked: CommandGroup = {
  name: 'parked',
  summary: 'lists parked keys, and tries or gives up a message that holds its key up',
  commands: [listParked, retry, giveUp],
};
