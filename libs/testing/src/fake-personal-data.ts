import {
  erased,
  PersonalDataError,
  type KeyName,
  type LoadedKeys,
  type PersonalData,
} from '@millrace/streaming-core/personal';

interface FakePersonalData extends PersonalData {
  /** Every call so far, with the names of the keys it asked for, as in `carrier/ada`. */
  readonly calls: string[][];
  /** While it is true, the database of the keys is down. */
  isDown: boolean;
  erase(key: KeyName): void;
  /** Loses a key without an erasure. */
  lose(key: KeyName): void;
  /** Puts a lost key back, as the restore of a backup does. */
  restore(key: KeyName): void;
}

/** Seals by writing the text backwards, with keys in memory. */
export function fakePersonalData(): FakePersonalData {
  const keys = new Map<string, 'kept' | 'erased'>();
  const nameOf = ({ holder, subject }: KeyName) => `${holder}/${subject}`;
  const reversed = (text: string) => Array.from(text).reverse().join('');

  async function load(names: readonly KeyName[]): Promise<LoadedKeys> {
    if (fake.isDown) throw new PersonalDataError('keys_unavailable', 'the database of the keys is down');
    fake.calls.push([...new Set(names.map(nameOf))]);
    const loaded = new Map(names.map((name) => [nameOf(name), keys.get(nameOf(name))]));
    return {
      seal: (key, context, value) => ({
        sealed: 1,
        subject: key.subject,
        data:
          loaded.get(nameOf(key)) === 'erased'
            ? ''
            : Buffer.from(reversed(JSON.stringify([nameOf(key), context, value]))).toString('base64url'),
      }),
      open(holder, context, { subject, data }) {
        const key = nameOf({ holder, subject });
        if (!loaded.has(key)) throw new TypeError(`${key} was not loaded`);
        if (loaded.get(key) === 'erased') return erased;
        if (loaded.get(key) === undefined) throw new PersonalDataError('key_missing', `${key} is missing`);
        const text = reversed(Buffer.from(data, 'base64url').toString());
        const [sealedWith, sealedFor, value] = JSON.parse(text) as unknown[];
        if (sealedWith === key && sealedFor === context) return value;
        throw new PersonalDataError('unreadable', `not sealed with ${key} for ${context}`);
      },
      subjectState: (subject) =>
        [...keys].some(([name, state]) => name.endsWith(`/${subject}`) && state === 'erased')
          ? 'erased'
          : 'active',
    };
  }

  const fake: FakePersonalData = {
    calls: [],
    isDown: false,
    erase: (key) => void keys.set(nameOf(key), 'erased'),
    lose: (key) => void keys.delete(nameOf(key)),
    restore: (key) => void keys.set(nameOf(key), 'kept'),
    keysToSeal(names) {
      for (const name of names.map(nameOf)) keys.set(name, keys.get(name) ?? 'kept');
      return load(names);
    },
    keysToOpen: load,
  };
  return fake;
}
