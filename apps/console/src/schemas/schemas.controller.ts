import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import {
  changedLines,
  checkSchema,
  compatibilityOf,
  connectRest,
  OperationFailed,
  readableSchema,
  subjectPath,
  type RestClient,
  type SchemaVersion,
} from '@millrace/operations/client';
import { Describe } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { SchemaCheck, ShownSubject, SubjectList } from '../api/schemas.ts';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
import { text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';

const subjectPlace = z.strictObject({ subject: text });
const checkedSchema = z.strictObject({
  schema: z.string().min(1).max(1_000_000),
  type: z.enum(['AVRO', 'JSON']),
});

/** A page shows so many versions of a subject, the newest first. */
const versionsMax = 20;

const place = 'api/schemas';

/** The route of the check, which a read-only console allows, since it registers nothing. */
export const schemaCheck = `/${place}/check/:subject`;

@Controller(place)
export class SchemasController {
  constructor(private readonly system: System) {}

  @Followed('live', 'Follow the subjects of the schema registry')
  all() {
    const read = async (): Promise<SubjectList> => {
      try {
        return { subjects: await this.#registry().get<readonly string[]>('/subjects'), missing: [] };
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        return { subjects: [], missing: [error.message] };
      }
    };
    return { everyMs: 5_000, read };
  }

  @Followed('live/:subject', 'Follow the versions of a subject, with what differs from one to the next')
  one(@Param({ schema: subjectPlace }) { subject }: z.infer<typeof subjectPlace>) {
    return { everyMs: 5_000, read: () => throughOperators(this.#read(subject)) };
  }

  @Post('check/:subject')
  @HttpCode(200)
  @Describe({
    summary: 'Check a schema against a subject without registering it',
    answers: { 200: inWords('Whether it is accepted, and why not') },
    problems: { 404: ['refused'], 422: ['refused'], 502: ['no_answer'] },
  })
  async check(
    @Param({ schema: subjectPlace }) { subject }: z.infer<typeof subjectPlace>,
    @Body({ schema: checkedSchema }) { schema, type }: z.infer<typeof checkedSchema>,
  ): Promise<SchemaCheck> {
    const ask = async () => checkSchema(this.#registry(), subject, { schema, schemaType: type });
    const { is_compatible: accepted, messages = [] } = await throughOperators(ask());
    return { accepted, reasons: messages };
  }

  async #read(subject: string): Promise<ShownSubject> {
    return readSubject(this.#registry(), subject);
  }

  #registry(): RestClient {
    return connectRest('registry', this.system.addresses.rest('registry'));
  }
}

async function readSubject(registry: RestClient, subject: string): Promise<ShownSubject> {
  const path = `${subjectPath(subject)}/versions`;
  const numbers = await registry.get<readonly number[]>(path);
  // One more than is shown, to compare the oldest that is shown with.
  const wanted = numbers.toSorted((one, other) => other - one).slice(0, versionsMax + 1);
  const [compatibility, ...found] = await Promise.all([
    compatibilityOf(registry, subject),
    ...wanted.map((version) => registry.get<SchemaVersion>(`${path}/${version}`)),
  ]);
  return {
    subject,
    compatibility,
    versions: found.slice(0, versionsMax).map((one, index) => ({
      version: one.version,
      id: one.id,
      type: one.schemaType ?? 'AVRO',
      schema: readableSchema(one),
      changes: found[index + 1] === undefined ? [] : changedLines(found[index + 1]!, one),
    })),
    earlierVersions: Math.max(0, numbers.length - versionsMax),
  };
}
