import { errorCodes } from '../../protocol/errors.ts';
import type { FetchResponse } from '../../protocol/apis/fetch.ts';

export type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

/** Whether the result needs no records: an error, or a diverging log. */
export const isVerdict = ({ errorCode, divergingEpoch }: PartitionResult): boolean =>
  errorCode !== errorCodes.NONE || divergingEpoch !== undefined;
