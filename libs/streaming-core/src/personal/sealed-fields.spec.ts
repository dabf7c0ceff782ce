import { describe, expect, it } from '@jest/globals';
import { fakePersonalData } from '@millrace/testing/personal-data';
import { sealedFieldsOf, sealFields } from './sealed-fields.ts';

const fields = { holder: 'carrier', subject: 'personId', fields: ['name'] };

describe('the sealed fields of a message', () => {
  const sealed = { sealed: 1, subject: 'ada', data: 'QWRh' };

  it('are those that have the form of a sealed value', () => {
    expect(sealedFieldsOf(fields, { name: sealed })).toEqual(new Map([['name', sealed]]));
    expect(sealedFieldsOf(fields, { name: { ...sealed, sealed: 2 } })).toBeUndefined();
    expect(sealedFieldsOf(fields, { name: 'Ada' })).toBeUndefined();
  });

  it('keep the subject in the message, also those that were sealed before', async () => {
    const key = { holder: 'carrier', subject: 'ada' };
    const keys = await fakePersonalData().keysToSeal([key]);
    const optional = { ...fields, fields: [], subjectIsOptional: true as const };
    const message = { type: 'Send', personId: 'ada', name: sealed };

    expect(sealFields(keys, key, optional, 'id', message)).toEqual(message);
    expect(sealFields(keys, key, optional, 'id', { ...message, name: 'Ada' })).not.toHaveProperty('personId');
  });

  it('name no subject that a database cannot store, since the keys of their batch would fail for ever', () => {
    expect(sealedFieldsOf(fields, { name: { ...sealed, subject: 'a\0da' } })).toBeUndefined();
  });
});
