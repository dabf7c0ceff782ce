import { z } from 'zod';

const message = z.object({ type: z.string(), topic: z.string() });

const command = z.object({ accepted: message.describe('The reply that leads on') });

const step = z.object({
  kind: z.enum(['step', 'inform', 'pivot', 'retriable']),
  name: z.string(),
  ...command.shape,
  rejected: message.nullable().describe('Null for a step that cannot be rejected'),
  compensation: command.nullable().describe('Null for a step that is never undone'),
  timeoutMs: z
    .number()
    .nullable()
    .describe('The time of a reply before the command is sent again. Null: the setting of the service'),
  resendsMax: z
    .number()
    .int()
    .nullable()
    .describe('How often it is sent again before the step times out. Null: the setting of the service'),
  local: z.boolean().describe('True if the service decides the command itself'),
});

const delay = z.object({ kind: z.literal('delay'), name: z.string(), ms: z.number() });

const fail = z.object({
  kind: z.literal('fail').describe('The end of a path that compensates the saga'),
  reason: z.string(),
});

const wait = z.object({
  kind: z.literal('wait'),
  name: z.string(),
  event: message,
  refused: message.nullable().describe('The message that starts the compensation'),
  timeoutMs: z.number(),
});

/** The type is written out because the compiler does not infer one that refers to itself. */
export type SagaPart =
  | z.infer<typeof step>
  | z.infer<typeof delay>
  | z.infer<typeof fail>
  | (z.infer<typeof wait> & { readonly timedOut: readonly SagaPart[] })
  | { readonly kind: 'parallel'; readonly members: readonly SagaPart[] }
  | {
      readonly kind: 'branch';
      readonly name: string;
      readonly then: readonly SagaPart[];
      readonly otherwise: readonly SagaPart[];
    };

const parts = (): z.ZodType<readonly SagaPart[]> => z.array(sagaPart).readonly();

const sagaPart = z
  .discriminatedUnion('kind', [
    step,
    delay,
    fail,
    wait.extend({
      get timedOut() {
        return parts();
      },
    }),
    z.object({
      kind: z.literal('parallel'),
      get members() {
        return parts();
      },
    }),
    z.object({
      kind: z.literal('branch'),
      name: z.string(),
      get then() {
        return parts();
      },
      get otherwise() {
        return parts();
      },
    }),
  ])
  .meta({ id: 'SagaPart' });

const definition = z.object({
  name: z.string(),
  version: z.number().int(),
  startsNew: z.boolean().describe('True if new sagas start with this version'),
  starts: message.describe('The message that starts a saga'),
  startsConditionally: z.boolean().describe('True if only some of these messages start one'),
  startsLocally: z.boolean().describe('True if a saga starts in the transaction that writes the message'),
  deadline: z
    .object({ afterMs: z.number(), reason: z.string() })
    .nullable()
    .describe('When a saga is compensated that has not sent its pivot'),
  cancelledBy: z.object({ message, reason: z.string() }).nullable(),
  parts: parts().describe('The flow, in order'),
  closing: command.describe('The last command of a saga that is compensated'),
  commandTopics: z
    .array(z.string())
    .readonly()
    .describe('The topics of its commands, one or more for each participant'),
  instances: z.number().int().describe('The number of live sagas, counted up to 10000'),
  waiting: z
    .array(
      z.object({
        part: z.string().describe('The name of the part, or `(closing)`'),
        status: z
          .enum(['running', 'compensating', 'closing'])
          .describe('`compensating` if they wait for the compensation of the part'),
        instances: z.number().int(),
      }),
    )
    .readonly()
    .describe('Where the live sagas wait. One that waits for several things counts at each of them'),
});

export const sagaDefinitionsView = z
  .object({ items: z.array(definition).readonly() })
  .describe('Every version that the process knows, the newest of each definition first');

export type SagaDefinitionsView = z.infer<typeof sagaDefinitionsView>;
