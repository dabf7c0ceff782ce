import { PersonalDataError, subjectCharactersMax, type KeyName } from '@millrace/streaming-core/personal';

const holderCharactersMax = 63;

/** A text that identifies the key. The length of the holder's name makes it unambiguous. */
export const nameOf = ({ holder, subject }: KeyName): string => `${holder.length}:${holder}:${subject}`;

export function refuseName({ holder, subject }: KeyName): void {
  refuseText('holder', holder, holderCharactersMax);
  refuseText('subject', subject, subjectCharactersMax);
}

function refuseText(what: string, name: string, charactersMax: number): void {
  if (name.length === 0 || name.length > charactersMax)
    throw new PersonalDataError(
      'invalid_name',
      `the name of a ${what} must have 1 to ${charactersMax} characters, but this one has ${name.length}`,
    );
  if (name.includes('\0'))
    throw new PersonalDataError(
      'invalid_name',
      `the name of a ${what} has a NUL, which PostgreSQL does not store`,
    );
}
