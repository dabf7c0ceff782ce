import { errorCodes } from '../../protocol/errors.ts';
import type { FetchResponse } from '../../protocol/apis/fetch.ts';

export type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

/** An answer that waits for no records: an error, or that the client's log has gone another way. */
export const isVerdict = ({ errorCode, divergingEpoch }: PartitionResult): boolean =>
  errorCode !== errorCodes.NONE || divergingEpoch !== undefined;
