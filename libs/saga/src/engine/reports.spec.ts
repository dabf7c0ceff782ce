import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sagaDecider } from '../decision/decide.ts';
import { repair, repairEvents, workshopEvents } from '../decision/sample-repair.fixture.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { defaultSagaSettings } from '../decision/settings.ts';
import { reportLifecycle } from './reports.ts';

const channels = ['millrace.saga.replied', 'millrace.saga.resent'];
const repairId = 'r1';

describe('the reports of a saga', () => {
  let reports: unknown[];
  const note = (report: unknown, channel: string | symbol) => void reports.push([channel, report]);
  beforeEach(() => {
    reports = [];
    for (const channel of channels) subscribe(channel, note);
  });
  afterEach(() => {
    for (const channel of channels) unsubscribe(channel, note);
  });

  it('S22 say which command was sent again, and how long its reply took from the first sending', () => {
    const decider = sagaDecider(repair, defaultSagaSettings);
    let state = decider.initialState;
    let ids = 0;
    const take = (seconds: number, input: Record<string, unknown>) => {
      const at = new Date(Date.UTC(2026, 10, 20) + seconds * 1_000).toISOString();
      const before = state;
      state = decider.decide({ ...input, at } as SagaInput, state, () => `c${++ids}`).state;
      if (state.status !== 'absent') reportLifecycle({ before, after: state }, Date.parse(at));
    };
    const message = repairEvents.RepairAsked({ repairId, price: 50, warranty: false });
    const started = { messageId: 'm0', correlationId: repairId, startTopic: 'repair-events', partition: 0 };
    const refused = workshopEvents.SlotRefused({ repairId, reason: 'no_slot' });
    const reply = { type: 'reply', message: refused, causationId: 'c2' };

    take(0, { type: 'start', sagaId: repairId, message, ...started });
    take(30, { type: 'timer', token: 'c2:1' });
    take(42, { ...reply, messageId: 'm1' });
    take(43, { ...reply, messageId: 'm2' });

    const slot = { definition: 'repair', step: 'slot', role: 'step' };
    expect(reports).toEqual([
      ['millrace.saga.resent', slot],
      ['millrace.saga.replied', { ...slot, durationMs: 42_000 }],
    ]);
  });
});
