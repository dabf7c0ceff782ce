import { describe, expect, it } from '@jest/globals';
import type { LiveMessage } from '@millrace/service-chassis/app';
import { of, toArray, lastValueFrom } from 'rxjs';
import { liveMessages, type LiveState } from './live-state.ts';

const sent = (states: readonly LiveState[], lastEventId?: string): Promise<LiveMessage[]> =>
  lastValueFrom(liveMessages(of(...states), lastEventId).pipe(toArray()));

describe('live messages', () => {
  it('begin with a snapshot, followed by the parts that change', async () => {
    const [first, ...others] = await sent([
      { sagas: [1], faults: [] },
      { sagas: [1], faults: [] },
      { sagas: [1, 2], faults: [] },
    ]);
    expect(first).toMatchObject({ type: 'snapshot', data: { sagas: [1], faults: [] } });
    expect(others).toEqual([{ id: expect.any(String), type: 'change', data: { sagas: [1, 2] } }]);
  });

  it('leave out the snapshot for a page that has the present state', async () => {
    const [first] = await sent([{ sagas: [1] }]);
    expect(await sent([{ sagas: [1] }], first?.id)).toEqual([]);
    const [change] = await sent([{ sagas: [1] }, { sagas: [2] }], first?.id);
    expect(change).toMatchObject({ type: 'change', data: { sagas: [2] } });
    expect(await sent([{ sagas: [9] }], first?.id)).toMatchObject([{ type: 'snapshot' }]);
  });
});
