import { int32Max, oneOfTexts, optional, span, wholeNumber, type Rules } from '../given/rules.ts';
import { isolationLevels } from './session-fetch.ts';

/** The protocol sends sizes as int32. */
const bytes = optional(wholeNumber(1, int32Max));

/** The rules of `ReaderLimits`. */
export const readerRules: Rules = {
  fetchMaxWaitMs: optional(span),
  fetchMaxBytes: bytes,
  fetchMaxBytesPerPartition: bytes,
  fetchConnectionsMax: optional(wholeNumber(1)),
  isolation: optional(oneOfTexts(Object.keys(isolationLevels))),
};
