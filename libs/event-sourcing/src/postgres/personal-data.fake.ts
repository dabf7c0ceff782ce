import {
  erased,
  PersonalDataError,
  type KeyName,
  type LoadedKeys,
  type PersonalData,
} from '@millrace/streaming-core/personal';

/** Keys in memory that count how often they are loaded. They hide a value, but do not protect it. */
export interface FakePersonalData extends PersonalData {
  /** The subjects of every load so far, one entry for each load. */
  readonly loads: readonly (readonly string[])[];
  forgetLoads(): void;
  erase(subject: string): void;
}

export function fakePersonalData(): FakePersonalData {
  const loads: (readonly string[])[] = [];
  const erasedSubjects = new Set<string>();
  const load = (names: readonly KeyName[]): Promise<LoadedKeys> => {
    const subjects = names.map(({ subject }) => subject);
    loads.push(subjects);
    const refuseUnloaded = (subject: string) => {
      if (!subjects.includes(subject)) throw new TypeError(`the key of ${subject} was not loaded`);
    };
    return Promise.resolve({
      seal({ holder, subject }, context, value) {
        refuseUnloaded(subject);
        const text = JSON.stringify([holder, context, value]);
        return { sealed: 1, subject, data: Buffer.from(text).toString('base64url') };
      },
      open(holder, context, { subject, data }) {
        refuseUnloaded(subject);
        if (erasedSubjects.has(subject)) return erased;
        const [sealedBy, place, value] = JSON.parse(Buffer.from(data, 'base64url').toString()) as unknown[];
        if (sealedBy !== holder || place !== context)
          throw new PersonalDataError('unreadable', `data of ${subject} does not open as ${context}`);
        return value;
      },
      subjectState: (subject) => (erasedSubjects.has(subject) ? 'erased' : 'active'),
    });
  };
  return {
    loads,
    forgetLoads: () => void loads.splice(0),
    erase: (subject) => void erasedSubjects.add(subject),
    keysToSeal: load,
    keysToOpen: load,
  };
}
