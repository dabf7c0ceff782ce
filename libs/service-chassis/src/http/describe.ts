import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** What a call answers, for the OpenAPI document; what it accepts is read from the schemas on its parameters. */
export interface CallDescription {
  readonly summary: string;
  readonly description?: string;
  /** By status; null for an answer without a body. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** The data of each server-sent event, where the call answers with a stream of them: its 200. */
  readonly events?: z.ZodType;
  /** Codes of the refusals that are this call's own, by status. */
  readonly problems?: Readonly<Record<number, readonly string[]>>;
}

export const CALL_DESCRIPTION = Symbol('call description');
export const UNDOCUMENTED = Symbol('undocumented');

export const Describe = (description: CallDescription) => SetMetadata(CALL_DESCRIPTION, description);

/** Leaves a controller out of the document: probes and scrapes are no part of the interface. */
export const Undocumented = () => SetMetadata(UNDOCUMENTED, true);
