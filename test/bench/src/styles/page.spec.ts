import { describe, expect, it } from '@jest/globals';
import { phaseOf, renderPage } from './page.ts';

const message = { id: '', type: '', causationId: '', writtenMs: 0, publishedMs: 0, bytes: 300 };

describe('the page of both styles', () => {
  it('shows what an order costs, as the median of the rounds', () => {
    const round = (style: 'orchestrated' | 'choreographed', ms: number) =>
      phaseOf({
        style,
        name: '2 in flight',
        orders: [
          { as: 'completed', ms },
          { as: 'cancelled', ms: ms * 2 },
        ],
        seconds: 0.5,
        cpuMs: 60,
        messages: [message, message, message],
      });
    const page = renderPage(
      [
        round('orchestrated', 10),
        round('choreographed', 8),
        round('orchestrated', 30),
        round('orchestrated', 20),
      ],
      'today',
    );
    expect(page).toContain('| orchestrated, 2 in flight | 4 | 20 | 40 | 30 | 1.5 | 450 |');
    expect(page).toContain('| choreographed, 2 in flight | 2 | 1 | 4 | 8 | 16 | 30 | 1.5 | 450 |');
  });
});
