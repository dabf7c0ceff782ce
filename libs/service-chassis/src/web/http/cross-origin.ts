import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/**
 * Lets pages from these origins call the service from a browser and read the headers of its answers
 * (the CORS protocol of the Fetch Standard). Without origins, no answer has CORS headers and
 * browsers refuse such calls.
 */
export function allowOrigins(app: NestFastifyApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['content-type', 'idempotency-key', 'last-event-id', 'x-correlation-id', 'traceparent'],
    exposedHeaders: ['location', 'retry-after', 'idempotent-replayed', 'x-correlation-id'],
    maxAge: 600,
  });
}
