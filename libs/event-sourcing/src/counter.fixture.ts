import { rejected, type Decider } from './decider.ts';

export type CounterCommand = { type: 'Count'; by: number } | { type: 'Rest' };
export type CounterEvent = { type: 'Counted'; by: number };

/** The smallest domain that can count, refuse and do nothing. */
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
