import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { noteAction } from '../database/operator-actions.ts';
import { openOperatedShelf, type OperatedShelf } from './operated-shelf.fixture.ts';

describe('the acts of operators', () => {
  let shelf: OperatedShelf;
  beforeAll(async () => {
    shelf = await openOperatedShelf({});
  });
  afterAll(() => shelf.close());

  it('are listed with actor and reason, the newest first, in pages', async () => {
    const note = { actor: 'ada', reason: 'INC-7', action: 'rebuild projection' };
    for (const subject of ['one', 'two', 'three']) await noteAction(shelf.database.sql, { ...note, subject });

    const { body } = await shelf.ops('/acts?limit=2');
    expect(body.items).toEqual([
      { ...note, subject: 'three', at: expect.stringMatching(/^\d{4}-/) },
      { ...note, subject: 'two', at: expect.stringMatching(/^\d{4}-/) },
    ]);
    await noteAction(shelf.database.sql, { ...note, subject: 'four' });
    expect((await shelf.ops(`/acts?after=${String(body['nextCursor'])}`)).body).toMatchObject({
      items: [{ subject: 'one' }],
      nextCursor: null,
    });
  });

  it('refuse a wrong cursor and name the field', async () => {
    const wrong = await shelf.ops('/acts?after=nonsense');
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'after' }] } });
  });
});
