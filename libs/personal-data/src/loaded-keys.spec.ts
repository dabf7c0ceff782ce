import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { erased, openFields, sealedFieldsOf, sealFields } from '@millrace/streaming-core/personal';
import { fc } from '@millrace/testing/random';
import { nameOf } from './key-names.ts';
import type { KeyRecord } from './key-record.ts';
import { loadedKeys } from './loaded-keys.ts';

const ada = { holder: 'carrier', subject: 'ada' };

const holding = (key: KeyRecord['key'], subjectState: KeyRecord['subjectState'] = 'active') =>
  loadedKeys(new Map([[nameOf(ada), { ...ada, key, subjectState }]]), () => randomBytes(12));
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

    expect(keys.seal(ada, 'here', 'Ada').data).not.toBe(keys.seal(ada, 'here', 'Ada').data);
  });

  it('open nothing once the key was destroyed, and what was sealed after that has no data', () => {
    const sealed = holding(key).seal(ada, 'here', 'Ada');
    const after = holding('erased', 'erased');

    expect(after.open('carrier', 'here', sealed)).toBe(erased);
    expect(after.seal(ada, 'here', 'Ada').data).toBe('');
    expect(holding(key).open('carrier', 'here', after.seal(ada, 'here', 'Ada'))).toBe(erased);
    expect(after.subjectState('ada')).toBe('erased');
  });

  it('refuse to seal or open with a key that is missing, or that nobody has named', () => {
    const sealed = holding(key).seal(ada, 'here', 'Ada');
    const lost = expect.objectContaining({ code: 'key_missing' });

    expect(() => holding('missing').open('carrier', 'here', sealed)).toThrow(lost);
    expect(() => holding('missing').seal(ada, 'here', 'Ada')).toThrow(lost);
    expect(() => holding(key).open('shop', 'here', sealed)).toThrow(/of shop for ada was not loaded/);
    expect(() => holding(key).subjectState('eve')).toThrow(/no key of eve was loaded/);
  });
});
