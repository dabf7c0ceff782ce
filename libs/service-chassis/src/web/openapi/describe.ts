import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/**
 * Describes the answers of a call for the OpenAPI document. What the call accepts is read from the
 * schemas of its parameters.
 */
export interface CallDescription {
  readonly summary: string;
  readonly description?: string;
  /** The schemas of the answers by status, or null for an answer without a body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** The data of each server-sent event, for a call that answers 200 with a stream of them. */
  readonly events?: z.ZodType;
  /** The headers that a request must have. Other headers are optional. */
  readonly requiredHeaders?: readonly string[];
  /** Optional headers that are no parameters of the method, because an interceptor reads them. */
  readonly otherHeaders?: readonly string[];
  /** The problem codes that are specific to this call, by status. */
  readonly problems?: Readonly<Record<number, readonly string[]>>;
}

export const CALL_DESCRIPTION = Symbol('call description');
export const UNDOCUMENTED = Symbol('undocumented');

/**
 * Describes a route for the OpenAPI document at `/docs`. The answers of a service in a test are
 * checked against it. The route itself is not changed: what it accepts is checked by its
 * parameters' schemas.
 *
 * @example
 * ```ts
 * import { Controller, Get, Param } from '@nestjs/common';
 * import { Describe, notFound } from '@millrace/service-chassis/http';
 * import { z } from 'zod';
 *
 * const roomId = z.string().max(20);
 *
 * @Controller('rooms')
 * export class RoomsController {
 *   @Describe({
 *     summary: 'Show a room',
 *     answers: { 200: z.object({ roomId }) },
 *     problems: { 404: ['unknown_room'] },
 *   })
 *   @Get(':roomId')
 *   show(@Param('roomId', { schema: roomId }) id: string) {
 *     throw notFound('unknown_room', `There is no room ${id}`);
 *   }
 * }
 * ```
 */
export const Describe = (description: CallDescription) => SetMetadata(CALL_DESCRIPTION, description);

/**
 * Leaves a controller out of the document, because probes and scrapes are not part of the
 * interface.
 */
export const Undocumented = () => SetMetadata(UNDOCUMENTED, true);
