import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { correlationId } from '@millrace/operations/contract';
import { BodyBytesMax, Describe, ProblemError } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { TraceSpan } from '../api/trace.ts';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
import { readSpans } from './spans/read-spans.ts';
import { SpanStore } from './spans/span-store.ts';
import { TraceReader } from './trace-reader.ts';

const traceName = z.strictObject({ id: correlationId });
const traceId = z
  .string()
  .regex(/^[\da-f]{32}$/, 'is 32 hexadecimal digits')
  .meta({ examples: ['4bf92f3577b34da6a3ce929d0e0e4736'] });
const spansOf = z.strictObject({ traceId });

const spansBytesMax = 16_000_000;

/** Shows traces, and receives the spans of services, as a collector of OpenTelemetry does. */
@Controller()
export class TraceController {
  constructor(
    private readonly reader: TraceReader,
    private readonly store: SpanStore,
  ) {}

  @Followed('api/trace/live/:id', 'Follow the events, messages and spans with a correlation id')
  follow(@Param({ schema: traceName }) { id }: z.infer<typeof traceName>) {
    return { everyMs: 1_500, read: this.reader.following(id) };
  }

  @Get('api/trace/spans/:traceId')
  @Describe({
    summary: 'Get the spans of a trace that the console has received',
    answers: { 200: inWords('The spans; often none') },
  })
  spans(@Param({ schema: spansOf }) { traceId }: z.infer<typeof spansOf>): { spans: readonly TraceSpan[] } {
    return { spans: this.store.trace(traceId) };
  }

  /** The console's guard decides who may send. */
  @Post('v1/traces')
  @HttpCode(200)
  @Describe({
    summary: 'Receive the spans of a service, as OTLP/HTTP in its JSON encoding',
    answers: { 200: inWords('An empty object') },
    problems: { 400: ['malformed_spans'], 403: ['not_a_sender'] },
  })
  @BodyBytesMax(spansBytesMax)
  receive(@Body() request: unknown): object {
    try {
      this.store.add(readSpans(request));
      return {};
    } catch (error) {
      const title = 'The body is not an ExportTraceServiceRequest of OTLP as JSON';
      throw new ProblemError(400, 'malformed_spans', title, { detail: String(error) });
    }
  }
}
