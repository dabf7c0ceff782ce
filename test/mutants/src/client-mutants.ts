import type { Mutant } from './mutant.ts';

const core = 'libs/streaming-core/src';

/** Faults in what the client tells its callers. */
export const clientMutants: readonly Mutant[] = [
  {
    name: 'client error: an outage blamed on the message',
    why: 'a handler that calls a broker which is away makes its message a dead letter',
    file: `${core}/messaging/consumer/infrastructure-error.ts`,
    replace: "if (cause instanceof ClientError) return cause.kind === 'retriable';",
    by: '',
    test: {
      file: `${core}/messaging/consumer/infrastructure-error.spec.ts`,
      name: 'is an error of the Kafka client if the same call may succeed later',
    },
  },
];
