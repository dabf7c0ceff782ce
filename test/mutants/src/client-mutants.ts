import type { Mutant } from './mutant.ts';

const core = 'libs/streaming-core/src';

/** Faults in the errors and reports of the client. */
export const clientMutants: readonly Mutant[] = [
  {
    name: 'client error: an outage blamed on the message',
    why: 'a handler that calls a broker which is away makes its message a dead letter',
    file: `${core}/messaging/consumer/consumer-error.ts`,
    replace: "if (cause instanceof ClientError) return cause.kind === 'retriable';",
    by: '',
    test: {
      file: `${core}/messaging/consumer/infrastructure-error.spec.ts`,
      name: 'is an error of the Kafka client if the same call may succeed later',
    },
  },
  {
    name: 'client report: former trace kept beside the one of the span',
    why: 'a record has two traceparent headers, and consumers join the wrong trace',
    file: `${core}/client/operation-reports.ts`,
    replace: '...headerList(headers).filter(([name]) => !traceHeaders.has(name)),',
    by: '...headerList(headers),',
    test: {
      file: `${core}/client/operation-reports.spec.ts`,
      name: 'lets a subscriber set the trace of each record, and has the results at the end',
    },
  },
  {
    name: 'producer: the age of metadata judged twice',
    why: 'a send that meets the end of that age waits for an alarm, for up to two minutes',
    file: `${core}/client/producer/sender.ts`,
    replace: 'return this.#brokers.topics.leader(pipeline, now)?.nodeId === nodeId;',
    by: 'return this.#brokers.topics.leader(pipeline)?.nodeId === nodeId;',
    test: {
      file: `${core}/client/producer/aging-metadata.int.spec.ts`,
      name: 'is sent at once, whenever what the client knows about its topic becomes too old',
    },
  },
];
