import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  erased,
  openFields,
  sealedFieldsOf,
  sealFields,
  type LoadedKeys,
  type SealedValue,
} from '@millrace/streaming-core/personal';
import type { PersonalFields } from '@millrace/streaming-core/contract';
import { fc } from '@millrace/testing/random';
import { nameOf, type KeyRecord } from './key-names.ts';
import { loadedKeys } from './loaded-keys.ts';

const ada = { holder: 'carrier', subject: 'ada' };

const newNonce = () => randomBytes(12);
const holding = (
  key: KeyRecord['key'],
  { subjectState = 'active', seals = true }: Partial<KeyRecord & { seals: boolean }> = {},
) => loadedKeys(new Map([[nameOf(ada), { ...ada, key, subjectState }]]), { newNonce, seals });
const sealedBy = (keys: LoadedKeys) => keys.seal(ada, 'here', 'Ada') as SealedValue;
const key = createSecretKey(randomBytes(32));

describe('keys that are loaded', () => {
  it('open every message that they have sealed, and none of its fields in another message', () => {
    const fields = ['name', 'address'];
    const personal = { holder: 'carrier', subject: 'personId', fields };
    const json = fc.jsonValue().filter((value) => value !== undefined);
    fc.assert(
      fc.property(json, json, fc.uuid(), fc.uuid(), (name, address, id, other) => {
        const message = { type: 'Send', personId: 'ada', name, address };
        const stored = JSON.parse(
          JSON.stringify(sealFields(holding(key), ada, personal, id, message)),
        ) as object;
        const sealed = sealedFieldsOf(personal, stored)!;
        const open = (messageId: string) => openFields(holding(key), 'carrier', messageId, stored, sealed);

        expect(JSON.stringify(open(id.toUpperCase()))).toBe(JSON.stringify(message));
        if (id !== other) expect(() => open(other)).toThrow(expect.objectContaining({ code: 'unreadable' }));
        const swapped = new Map([
          ['name', sealed.get('address')!],
          ['address', sealed.get('name')!],
        ]);
        expect(() => openFields(holding(key), 'carrier', id, stored, swapped)).toThrow(
          expect.objectContaining({ code: 'unreadable' }),
        );
      }),
    );
  });

  it('seal a value differently each time, so that equal values cannot be recognised', () => {
    const keys = holding(key);

    expect(sealedBy(keys).data).not.toBe(sealedBy(keys).data);
  });

  it('open nothing once the key was destroyed, and what was sealed after that has no data', () => {
    const sealed = sealedBy(holding(key));
    const after = holding('erased', { subjectState: 'erased' });

    expect(after.open('carrier', 'here', sealed)).toBe(erased);
    expect(sealedBy(after).data).toBe('');
    expect(holding(key).open('carrier', 'here', sealedBy(after))).toBe(erased);
    expect(after.subjectState('ada')).toBe('erased');
  });

  it('leave a message as the release before sends it while sealing is off', () => {
    const message = { type: 'Send', personId: 'ada', name: 'Ada', weight: 1 };
    const optional = {
      holder: 'carrier',
      subject: 'personId',
      fields: ['name', 'phone'],
      subjectIsOptional: true,
    } as const;
    const { subjectIsOptional: _subjectIsOptional, ...required } = optional;
    const stored = (personal: PersonalFields, seals: boolean) =>
      sealFields(holding(key, { seals }), ada, personal, 'message-1', message);

    expect(stored(optional, false)).toEqual({ type: 'Send', name: 'Ada', weight: 1 });
    expect(stored(required, false)).toEqual(message);
    expect(stored(optional, true)).toMatchObject({ personId: 'ada', name: { sealed: 1 } });
  });

  it('refuse to seal or open with a key that is missing, or that nobody has named', () => {
    const sealed = sealedBy(holding(key));
    const lost = expect.objectContaining({ code: 'key_missing' });

    expect(() => holding('missing').open('carrier', 'here', sealed)).toThrow(lost);
    expect(() => sealedBy(holding('missing'))).toThrow(lost);
    expect(() => holding(key).open('shop', 'here', sealed)).toThrow(/of shop for ada was not loaded/);
    expect(() => holding(key).subjectState('eve')).toThrow(/no key of eve was loaded/);
  });
});
