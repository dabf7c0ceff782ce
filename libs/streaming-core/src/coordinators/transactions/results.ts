import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import type { Producer } from './decisions.ts';
import { noEpoch, noProducer } from './transaction.ts';
import type { InitProducerIdResult } from './types.ts';

export const refused = (name: ErrorName): InitProducerIdResult => ({
  errorCode: errorCodes[name],
  producerId: noProducer,
  producerEpoch: noEpoch,
});

export const accepted = ({ producerId, producerEpoch }: Producer): InitProducerIdResult => ({
  errorCode: errorCodes.NONE,
  producerId,
  producerEpoch,
});

/** Translates an error of the coordinator's own log as Kafka does, so that clients retry. */
export function nameOfFailedWrite(error: unknown): ErrorName {
  if (!(error instanceof ProtocolError)) return 'UNKNOWN_SERVER_ERROR';
  if (error.errorName === 'KAFKA_STORAGE_ERROR' || error.errorName === 'NOT_LEADER_OR_FOLLOWER')
    return 'NOT_COORDINATOR';
  const passing: readonly ErrorName[] = ['COORDINATOR_NOT_AVAILABLE', 'UNKNOWN_TOPIC_OR_PARTITION'];
  return passing.includes(error.errorName) ? 'COORDINATOR_NOT_AVAILABLE' : 'UNKNOWN_SERVER_ERROR';
}
