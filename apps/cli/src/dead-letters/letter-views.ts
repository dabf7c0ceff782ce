export type { LetterReasons, LetterView, ListedLetter, Outcomes } from '@millrace/operations/contract';

export const lettersPath = '/ops/dead-letters';
export const reasonsPath = `${lettersPath}/reasons`;
