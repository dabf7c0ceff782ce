export { deadLetterLog } from './dead-letter-log.ts';
export { jsonOf, placeOfId, type DeadLetter, type DeadLetterPosition } from './dead-letter.ts';
export { deadLetterDecisions, type DeadLetterDecisions } from './decisions.ts';
export { changedPaths } from './redriven.ts';
export { sealedLetters, type SealedLettersOptions } from './sealed-letters.ts';
export { byReason, fits, listedOf, outcomesOf, viewOfLetter } from './views.ts';
