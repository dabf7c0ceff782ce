import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { BodyBytesMax, ProblemError, Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { TraceSpan } from '../../api/trace.ts';
import { readSpans } from './read-spans.ts';
import { SpanStore } from './span-store.ts';

const spansOf = z.strictObject({ traceId: z.string().regex(/^[\da-f]{32}$/, 'is 32 hexadecimal digits') });

const requestBytesMax = 16_000_000;

/** Takes the spans of services, as a collector of OpenTelemetry does. */
@Controller()
@Undocumented()
export class SpansController {
  constructor(private readonly store: SpanStore) {}

  /** OTLP/HTTP in its JSON encoding. The guard of the console says who may send. */
  @Post('v1/traces')
  @HttpCode(200)
  @BodyBytesMax(requestBytesMax)
  receive(@Body() request: unknown): object {
    this.store.add(spansIn(request));
    return {};
  }

  @Get('api/trace/spans/:traceId')
  spans(@Param({ schema: spansOf }) { traceId }: z.infer<typeof spansOf>): { spans: readonly TraceSpan[] } {
    return { spans: this.store.trace(traceId) };
  }
}

function spansIn(request: unknown): readonly TraceSpan[] {
  try {
    return readSpans(request);
  } catch (error) {
    const title = 'The body is not an ExportTraceServiceRequest of OTLP as JSON';
    throw new ProblemError(400, 'malformed_spans', title, { detail: String(error) });
  }
}
