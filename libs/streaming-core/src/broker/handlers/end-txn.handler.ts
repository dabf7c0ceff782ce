import { endTxn } from '../../protocol/apis/end-txn.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';
import { knownToOlder } from './add-to-transaction.handlers.ts';

const newEpochSince = 5;

/**
 * EndTxn: answered once the outcome is on disk. The markers follow at once, and the producer's next
 * request waits for them.
 */
export const endTxnHandler = ({ transactions }: BrokerServices) =>
  serve(
    endTxn,
    async ({ committed, ...producer }, { apiVersion }) => {
      const { errorCode, ...next } = await transactions.end(
        { ...producer, version: apiVersion >= newEpochSince ? 2 : 0 },
        committed,
      );
      return { errorCode: knownToOlder(errorCode, apiVersion), ...(apiVersion >= newEpochSince && next) };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );
