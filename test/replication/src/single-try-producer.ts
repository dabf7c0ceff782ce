import {
  connectProducer,
  type BatchingProducer,
  type ProducerOptions,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

/** A producer that sends each record once, and so reports the broker's own answer. */
export const connectSingleTry = (
  bootstrapServers: readonly string[],
  clientId: string,
  acks: ProducerOptions['acks'],
): BatchingProducer =>
  connectProducer({
    bootstrapServers,
    clientId,
    logger: silentLogger,
    acks,
    idempotence: false,
    retries: 0,
    connectTimeoutMs: 1_000,
    requestTimeoutMs: 3_000,
    deliveryTimeoutMs: 5_000,
  });
