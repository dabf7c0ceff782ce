import { readPages } from '@millrace/operations/client';
import type { ActsPage } from '@millrace/operations/contract';
import type { CommandDefinition } from '../command/command.ts';
import { listFirst, opsOption } from '../operators.ts';
import { emptyList, showRows } from '../terminal/show.ts';

type Act = ActsPage['items'][number];
type ServiceAct = Act & { readonly service: string };

const limitByDefault = 50;

export const acts: CommandDefinition = {
  name: 'acts',
  summary:
    'lists what operators did, the newest first, but for acts on one saga and decisions about dead letters',
  options: [
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['acts', 'acts --limit 500 --json'],
  async run(call) {
    const limit = call.options.count('limit', 1) ?? limitByDefault;
    const found = await listFirst<ServiceAct>(
      call,
      limit,
      async (ops) => {
        const read = await readPages<Act>(ops, '/ops/acts', {}, limit);
        return { ...read, items: read.items.map((item) => ({ service: ops.service, ...item })) };
      },
      newestFirst,
    );
    showRows(call, found, {
      columns: {
        AT: 'at',
        SERVICE: 'service',
        ACTOR: 'actor',
        ACTION: 'action',
        SUBJECT: 'subject',
        REASON: { freeText: 'reason' },
      },
      none: emptyList('acts of operators'),
    });
  },
};

const newestFirst = (one: Act, other: Act): number => Date.parse(other.at) - Date.parse(one.at);
