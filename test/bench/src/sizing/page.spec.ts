import { describe, expect, it } from '@jest/globals';
import { bytesAfter, renderPage } from './page.ts';

const each = { bytes: 600, indexBytes: 400 };
const aDayAtOne = 86_400_000;

describe('the data after some days', () => {
  it('is all that was ever written to a table or topic without retention', () => {
    expect(bytesAfter('event', each, 1, 365)).toBe(365 * aDayAtOne);
    expect(bytesAfter('order-events', each, 2, 30)).toBe(60 * aDayAtOne);
  });

  it('is only as much as the retention allows', () => {
    expect(bytesAfter('outbox', each, 1, 365)).toBe(3 * aDayAtOne);
    expect(bytesAfter('inbox', each, 1, 30)).toBe(30 * aDayAtOne);
    expect(bytesAfter('inbox', each, 1, 365)).toBe(32 * aDayAtOne);
    expect(bytesAfter('inventory-commands', each, 1, 365)).toBe(7 * aDayAtOne);
    expect(bytesAfter('external_call', each, 1, 365)).toBe(0);
  });
});

describe('the page', () => {
  const facts = { machine: 'm', date: 'd', command: 'c', loadAverage: 1, orders: 1, rate: 1 };
  const nothing = { tables: new Map(), topics: new Map(), samples: [] };

  it('gets the numbers between its markers', () => {
    const page = renderPage('before <!-- sizing -->old<!-- /sizing --> after', nothing, facts);
    expect(page).toMatch(/^before <!-- sizing -->\n\nd, m\. [^]*<!-- \/sizing --> after$/);
    expect(page).not.toContain('old');
  });

  it('is rejected without them', () => {
    expect(() => renderPage('no markers', nothing, facts)).toThrow(/<!-- sizing -->/);
  });
});
