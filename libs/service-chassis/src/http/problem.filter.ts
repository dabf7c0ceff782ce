import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import type { Logger } from '@millrace/streaming-core/runtime';
import { LOGGER } from '../logging/logger.ts';
import { ProblemError } from './problem.ts';
import { problemOf } from './problem-of.ts';
import { pathOf, sendProblem } from './send-problem.ts';

/**
 * Every error of an HTTP request leaves as `application/problem+json`. An error of a message goes on untouched to the consumer runtime:
 * Nest would replace it by "Internal server error", and what to retry could no longer be told.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const problem = problemOf(error);
    if (problem.status >= 500)
      this.logger.error(
        { err: error, method: request.method, path: pathOf(request.url) },
        'a request failed',
      );
    if (!reply.sent)
      sendProblem(reply, problem, request.url, error instanceof ProblemError ? error.headers : {});
  }
}
