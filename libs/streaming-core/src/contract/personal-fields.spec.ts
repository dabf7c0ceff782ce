import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { days } from '../runtime/clock.ts';
import { personal } from './personal-fields.ts';
import { topic, type TopicOptions } from './topic.ts';

const sealedFor: TopicOptions = {
  key: 'parcelId',
  partitions: 1,
  retention: days(1),
  personal: { holder: 'carrier', subject: 'personId' },
};
const { personal: _personal, ...plain } = sealedFor;
const parcelId = z.string();
const personId = z.string();
const declare = (options: TopicOptions, fields: Record<string, z.ZodType>) =>
  topic('parcels', options, { Send: z.strictObject({ parcelId, ...fields }) });

describe('a message type with personal fields', () => {
  it('names the fields that contain a marked schema, however deep', () => {
    const { Send, Cancel } = topic('parcels', sealedFor, {
      Send: z.strictObject({
        parcelId,
        personId,
        weight: z.number(),
        name: personal(z.string()),
        phone: personal(z.string()).optional(),
        heirs: z.lazy(() => z.array(personal(z.string()))),
        address: z.strictObject({ street: personal(z.string()) }),
        contacts: z.array(z.union([z.literal('none'), z.strictObject({ mail: personal(z.email()) })])),
      }),
      Cancel: z.strictObject({ parcelId }),
    });

    expect(Send.personal).toEqual({
      holder: 'carrier',
      subject: 'personId',
      fields: ['name', 'phone', 'heirs', 'address', 'contacts'],
    });
    expect(Cancel.personal).toBeUndefined();
  });

  it('says whether its subject is missing in messages of earlier releases', () => {
    const fields = { parcelId, personId: personId.optional(), name: personal(z.string()) };
    const { Send } = topic('parcels', sealedFor, { Send: z.strictObject(fields) });

    expect(Send.personal).toMatchObject({ subject: 'personId', subjectIsOptional: true });
  });

  it('keeps the schema and its description', () => {
    const name = z
      .string()
      .min(2)
      .meta({ examples: ['Ada'] });

    expect(personal(name).meta()).toEqual({ examples: ['Ada'], personal: true });
    expect(personal(name).safeParse('A').success).toBe(false);
    expect(name.meta()).toEqual({ examples: ['Ada'] });
  });

  it.each([
    ['has no holder', plain, { personId, name: personal(z.string()) }, /add the option personal/],
    ['has no subject', sealedFor, { name: personal(z.string()) }, /lacks the field personId/],
    ['hides its subject', sealedFor, { personId: personal(personId) }, /personId is sent in plain text/],
    [
      'hides its key',
      sealedFor,
      { personId, parcelId: personal(parcelId) },
      /parcelId is sent in plain text/,
    ],
    ['has a holder for nothing', sealedFor, { personId }, /no field is marked/],
  ])('is refused if it %s', (_, options, fields, why) => {
    expect(() => declare(options, fields)).toThrow(why);
  });
});
