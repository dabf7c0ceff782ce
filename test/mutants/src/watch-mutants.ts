import type { Mutant } from './mutant.ts';

const stack = 'apps/stack/src/processes';
const watch = 'libs/service-chassis/src/observability/watch';
const core = 'libs/streaming-core/src';

/** Faults in the supervision of processes, in watches and in the log lines about an outage. */
export const watchMutants: readonly Mutant[] = [
  {
    name: 'suspension treated as silence',
    why: 'every process is killed when a laptop wakes up',
    file: `${stack}/watch-answers.ts`,
    replace: 'answerDue && !suspended ?',
    by: 'answerDue ?',
    test: {
      file: `${stack}/watch-answers.spec.ts`,
      name: 'starts counting again if it was itself suspended',
    },
  },
  {
    name: 'failed health check treated as an answer',
    why: 'a server that refuses every connection is never reported',
    file: `${stack}/watch-answers.ts`,
    replace: '.then(answered, () => undefined)',
    by: '.then(answered, answered)',
    test: {
      file: `${stack}/watch-answers.spec.ts`,
      name: 'counts a question that failed as unanswered, and asks again',
    },
  },
  {
    name: 'dead letters counted once for each group',
    why: 'the alarm shows twice as many as there are',
    file: `${watch}/group-watches.ts`,
    replace: 'if (deadLetters.read.length === 1)',
    by: 'if (deadLetters.read.length > 0)',
    test: {
      file: `${watch}/group-watches.spec.ts`,
      name: 'counts a topic once if several groups of the process read it',
    },
  },
  {
    name: 'outage over once the first partition recovers',
    why: 'the log reports a recovery while most partitions still fail',
    file: `${core}/messaging/consumer/reports.ts`,
    replace: 'if (retries.places.size === 0) retries.log',
    by: 'retries.log',
    test: {
      file: `${core}/messaging/consumer/reports.spec.ts`,
      name: 'has one line for all partitions, and one more when all of them have recovered',
    },
  },
  {
    name: 'end offsets read uncommitted instead of committed',
    why: 'a reader of committed records never catches up while a transaction is open, and no timer of its sagas fires',
    file: `${core}/client/consumer/offset-lookup.ts`,
    replace: 'isolationLevels[this.#settings.isolation]',
    by: 'isolationLevels.read_uncommitted',
    test: {
      file: `${core}/client/consumer/log-reader.int.spec.ts`,
      name: 'returns an end before an open transaction for read_committed, and after it for read_uncommitted',
    },
  },
  {
    name: 'only the last kind of failure remembered',
    why: 'two alternating kinds of failure fill the log with stack traces',
    file: `${core}/runtime/logger.ts`,
    replace: 'const known = this.#reminders.get(kind);',
    by: 'const known = [...this.#reminders.keys()].at(-1) === kind ? this.#reminders.get(kind) : undefined;\n    this.#reminders.delete(kind);',
    test: {
      file: `${core}/runtime/retry-log.spec.ts`,
      name: 'counts each kind of failure separately, so that alternating kinds are logged once each',
    },
  },
  {
    name: 'left-over PostgreSQL that is asked to stop only once',
    why: 'after a crash in the middle of a recovery, npm start gives up instead of taking the folder over',
    file: 'libs/embedded-postgres/src/leftover.ts',
    replace: "process.kill(file.pid, 'SIGQUIT');",
    by: "process.kill(file.pid, 'SIGINT');",
    test: {
      file: 'libs/embedded-postgres/src/server.int.spec.ts',
      name: 'ends a left-over server that does not stop when asked, and keeps everything that it had committed',
    },
  },
];
