import { topic } from '@millrace/streaming-core/contract';
import { days } from '@millrace/streaming-core/runtime';
import type { Producer, ProducerRecord } from '@millrace/streaming-core/client';
import { v7 as newId } from 'uuid';
import { z } from 'zod';

/** Payment events on a topic of the test's own, with the platform's message format. */
export const paymentTopic = (name: string, partitions: number) =>
  topic(
    name,
    { key: 'payment_id', partitions, retention: days(7) },
    { PaymentProcessed: z.strictObject({ payment_id: z.string(), amount: z.number().int() }) },
  );

/**
 * The table of handled payments. It has no unique constraint, so that a payment handled twice
 * leaves two rows.
 */
export const createPaymentTable = `
  CREATE TABLE payment (payment_id text NOT NULL, amount integer NOT NULL, partition integer NOT NULL, log_offset bigint NOT NULL,
    handled bigint GENERATED ALWAYS AS IDENTITY)`;

export const insertPayment =
  'INSERT INTO payment (payment_id, amount, partition, log_offset) VALUES ($1, $2, $3, $4)';

export interface PaymentEvent {
  readonly payment_id: string;
  readonly amount: number;
}

/** Sends the payments `from` to `to` as a relay would. */
export async function sendPayments(
  producer: Producer,
  topicName: string,
  from: number,
  to: number,
): Promise<void> {
  const records = Array.from({ length: to - from + 1 }, (_, index) => paymentRecord(topicName, from + index));
  await producer.send(records);
}

function paymentRecord(topicName: string, number: number): ProducerRecord {
  const key = `payment_${number}`;
  const headers = {
    ce_specversion: '1.0',
    ce_id: newId(),
    ce_source: '/guides/payment',
    ce_type: 'PaymentProcessed',
    ce_time: new Date().toISOString(),
    ce_subject: key,
    ce_dataschema: `/schemas/${topicName}/PaymentProcessed/1`,
    ce_correlationid: key,
    ce_causationid: key,
  };
  return {
    topic: topicName,
    key,
    value: JSON.stringify({ type: 'PaymentProcessed', payment_id: key, amount: number }),
    headers,
  };
}
