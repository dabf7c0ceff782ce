import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { assertGoldenEventsFold } from '@millrace/testing';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import { sagaEventTypes } from './events.ts';
import { evolve } from './evolve.ts';
import type { SagaState } from './state.ts';

describe('the events of sagas of released versions', () => {
  it('fold to the same states as when they were released', () => {
    const saga = { initialState: { status: 'absent' } as SagaState, evolve };
    assertGoldenEventsFold(join(import.meta.dirname, '../../golden-events'), sagaEventTypes, { saga });
  });

  it('have an upcaster for every event that their version allows', () => {
    assertUpcastersTotal(sagaEventTypes);
  });
});
