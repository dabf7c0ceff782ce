import { z } from 'zod';
import { historyItem } from '../events/history.ts';

const eventsMax = 1_000;

export const correlationId = z.string().min(1).max(256);

export const correlationQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(eventsMax).default(eventsMax),
});

export const correlationView = z
  .object({
    service: z.string(),
    items: z.array(historyItem.extend({ stream: z.string() })),
    complete: z.boolean().describe('False if the service has more events of the correlation than `limit`'),
  })
  .describe('The first events of a correlation in this service, without personal data; often none');
