import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { decideAndRecord, optimisticTransaction } from './decide-and-record.ts';
import { rejected, type Decider } from './decider.ts';
import { appendOptions } from './postgres/event-database.fixture.ts';
import type { Recorder } from './recorder.ts';
import { stateSchema } from './state-schema.ts';

export type CounterCommand = { type: 'Count'; by: number } | { type: 'Rest' };
export type CounterEvent = { type: 'Counted'; by: number };

/** The smallest domain that can record an event, reject a command and do nothing. */
export const counter: Decider<CounterCommand, CounterEvent, { total: number }, 'negative_total'> = {
  initialState: { total: 0 },
  decide(command, state) {
    if (command.type === 'Rest') return [];
    return state.total + command.by < 0
      ? rejected('negative_total', { total: state.total })
      : [{ type: 'Counted', by: command.by }];
  },
  evolve: (state, event) => ({ total: state.total + event.by }),
};

const countedState = z.strictObject({ total: z.number() });

/** The counter of a given release, whose snapshots have that release's schema. */
export const counterOfRelease = (version: number): typeof counter => ({
  ...counter,
  snapshots: stateSchema('counter', { version, schema: countedState }),
});

interface CountRequest extends Pick<Recorder, 'store' | 'projections'> {
  readonly stream: string;
  readonly command: CounterCommand;
  readonly now?: Date;
}

/** Decides a counter's command in the caller's transaction. */
export const decideCount = (
  transaction: SqlTransaction,
  { stream, command, now, ...recorder }: CountRequest,
) => decideAndRecord({ transaction, recorder, ...appendOptions(now) }, counter, stream, command);

/** Decides a counter's command in a new transaction. */
export const executeCount = (database: SqlDatabase, request: CountRequest) =>
  optimisticTransaction(database, [request.stream], (transaction) => decideCount(transaction, request));
