import { readPages } from '@millrace/operations/client';
import type { SagaEventsPage } from '@millrace/operations/contract';
import { opsOption, tellMore } from '../operators.ts';
import type { CommandDefinition } from '../command/command.ts';
import { showRows } from '../terminal/show.ts';
import { findSaga, sagaArgument } from './look-at-sagas.ts';

type SagaEvent = SagaEventsPage['items'][number];

const limitByDefault = 100;

export const sagaEvents: CommandDefinition = {
  name: 'events',
  summary: 'lists all events of a saga, the oldest first',
  arguments: [sagaArgument],
  options: [
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  examples: ['sagas events ORDER', 'sagas events fulfillment/ORDER --limit 5000 --json'],
  async run(call) {
    const limit = call.options.count('limit', 1) ?? limitByDefault;
    const { ops, found } = await findSaga(call);
    const { definition, sagaId } = found.body;
    const path = `/ops/sagas/${encodeURIComponent(definition)}/${encodeURIComponent(sagaId)}/events`;
    const { items, mayHaveMore } = await readPages<SagaEvent>(ops, path, {}, limit);
    if (mayHaveMore) tellMore(call, limit);
    showRows(call, items, {
      columns: {
        VERSION: ({ streamVersion }) => streamVersion,
        AT: ({ at }) => at,
        EVENT: ({ type }) => type,
        DETAIL: {
          freeText: ({ streamVersion: _version, type: _type, at: _at, ...detail }) => JSON.stringify(detail),
        },
      },
      none: 'the saga has no events',
    });
  },
};
