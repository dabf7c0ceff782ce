import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askToErase, eraseSubject, tablesWith } from '@millrace/testing/service';
import { openVisits, type Visits } from '../../sample/visits.fixture.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits({ PERSONAL_DATA_SEALING: 'off' });
});
afterAll(() => visits.close());

describe('a service while the sealing of personal data is off', () => {
  it('refuses to erase a person, names the setting, and warns when it starts', async () => {
    const guest = `guest-${randomUUID().slice(0, 8)}`;
    expect(await askToErase(visits, guest)).toMatchObject({
      status: 409,
      code: 'sealing_off',
      detail: expect.stringContaining('PERSONAL_DATA_SEALING is off: remove the setting from every process'),
    });
    await visits.planned(guest);
    expect(visits.logs.filter((line) => line.includes('stored in plain text'))).toHaveLength(1);
    expect((await visits.checks())['keys']).toMatchObject({
      healthy: true,
      details: { sealing: 'off', warning: expect.stringContaining('in plain text') },
    });
  });

  it('leaves plain text that an erasure clears once it is on', async () => {
    const guest = `guest-${randomUUID().slice(0, 8)}`;
    const name = `Name ${randomUUID()}`;
    const visitId = await visits.planned(guest, name);
    expect(await tablesWith(visits.database.sql, [name])).toContain('event');

    await visits.restart({ PERSONAL_DATA_SEALING: 'on' });
    expect(await eraseSubject(visits, guest, [visitId])).toMatchObject({
      state: 'erased',
      cleared: { events: 1 },
    });
    expect(await tablesWith(visits.database.sql, [name])).toEqual([]);
    expect((await visits.checks())['keys']).toMatchObject({ details: { sealing: 'on' } });
  });
});
