import type { Message, PersonalFields } from '@millrace/streaming-core/contract';
import {
  keysOfSealed,
  openFields,
  PersonalDataError,
  sealedFieldsOf,
  sealedValue,
  sealFields,
  type LoadedKeys,
  type PersonalData,
  type SealedFields,
} from '@millrace/streaming-core/personal';
import { jsonOf, type DeadLetter } from './dead-letter.ts';

export type Edit = Readonly<Record<string, unknown>>;

/**
 * - `erased`: the personal data of the message was erased, so nobody can handle it.
 * - `key_missing`: the key of its personal data was lost. It would fail again.
 */
export type SealedRefusal = 'erased' | 'key_missing';

/** What an operator needs to decide about letters whose personal data is sealed. Nobody sees it. */
export interface SealedLetters {
  /** Judges letters with one call for all keys. Those that can be sent again are left out. */
  refusals(letters: readonly DeadLetter[]): Promise<ReadonlyMap<DeadLetter, SealedRefusal>>;
  /**
   * Seals what an operator has written into personal fields. Fields that are sealed stay, and so does
   * the subject: without it, the readers of the message would store its data in plain text.
   */
  seal(letter: DeadLetter, edit: Edit): Promise<Edit>;
}

export interface SealedLettersOptions {
  /** The declared personal fields of a message type. */
  readonly personalOf: (topic: string, type: string) => PersonalFields | undefined;
  /** Absent in a service whose messages have no personal data. */
  readonly personalData?: PersonalData;
}

interface SealedLetter {
  readonly letter: DeadLetter;
  readonly holder: string;
  readonly fields: SealedFields;
}

/**
 * Creates the judge of sealed letters. Without `personalData` it refuses no letter, and seals
 * nothing.
 */
export function sealedLetters({ personalOf, personalData }: SealedLettersOptions): SealedLetters {
  function sealedIn(letter: DeadLetter): readonly SealedLetter[] {
    const personal = personalOf(letter.origin, letter.type);
    const fields = personal && sealedFieldsOf(personal, jsonOf(letter));
    return fields === undefined ? [] : [{ letter, holder: personal!.holder, fields }];
  }

  return {
    async refusals(letters) {
      const sealed = letters.flatMap(sealedIn);
      const refused = new Map<DeadLetter, SealedRefusal>();
      if (sealed.length === 0 || personalData === undefined) return refused;
      const keys = await personalData.keysToOpen(
        sealed.flatMap(({ holder, fields }) => keysOfSealed(holder, fields)),
      );
      for (const each of sealed) {
        const refusal = refusalBy(keys, each);
        if (refusal !== undefined) refused.set(each.letter, refusal);
      }
      return refused;
    },
    async seal(letter, edit) {
      const personal = personalOf(letter.origin, letter.type);
      const subject = personal && subjectOf(personal, letter, edit);
      if (subject === undefined || personalData === undefined) return edit;
      const fields = personal!.fields.filter((field) => !sealedValue.safeParse(edit[field]).success);
      const key = { holder: personal!.holder, subject };
      const keys = await personalData.keysToSeal([key]);
      const named = { ...edit, [personal!.subject]: subject } as Message;
      return sealFields(keys, key, { ...personal!, fields }, letter.messageId ?? '', named);
    },
  };
}

/** Opening says whether a key works. A value that is damaged becomes a dead letter again. */
function refusalBy(keys: LoadedKeys, { letter, holder, fields }: SealedLetter): SealedRefusal | undefined {
  try {
    const opened = openFields(keys, holder, letter.messageId ?? '', {}, fields);
    return opened === undefined ? 'erased' : undefined;
  } catch (error) {
    if (!(error instanceof PersonalDataError)) throw error;
    return error.code === 'key_missing' ? 'key_missing' : undefined;
  }
}

/** Undefined for messages of releases that named no subject, and sealed nothing. */
function subjectOf(personal: PersonalFields, letter: DeadLetter, edit: Edit): string | undefined {
  const named = edit[personal.subject];
  if (typeof named === 'string') return named;
  const [first] = sealedFieldsOf(personal, jsonOf(letter))?.values() ?? [];
  return first?.subject;
}
