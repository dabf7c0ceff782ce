import type { Mutant } from './mutant.ts';

const admin = 'libs/streaming-core/src/client/admin';

/** Faults in what an operator does with the admin client. */
export const adminMutants: readonly Mutant[] = [
  {
    name: 'offset reset to a time before 1970',
    why: 'a reset to an early date moves the group to the end of the log',
    file: `${admin}/offset-reset.ts`,
    replace: 'return Math.max(0, timeMs);',
    by: 'return timeMs;',
    test: {
      file: `${admin}/offset-reset.spec.ts`,
      name: 'is never negative, because -1 and -2 mean the end and the beginning of the log',
    },
  },
  {
    name: 'offset reset beyond the end of the log',
    why: 'a group commits an offset that does not exist yet, and skips the records that come',
    file: `${admin}/offset-reset.ts`,
    replace: 'if (offset > logEnd) return logEnd;',
    by: '',
    test: {
      file: `${admin}/offset-reset.spec.ts`,
      name: 'is within the log even if the committed offset is not',
    },
  },
  {
    name: 'change made again until brokers show it',
    why: 'a topic that was just created is created again, which reports that it exists',
    file: `${admin}/topic-admin.ts`,
    replace: '[...pending].filter(([name]) => !made.has(name))',
    by: 'pending',
    test: {
      file: `${admin}/visible-change.spec.ts`,
      name: 'is made once, and has its result as soon as a broker shows it',
    },
  },
  {
    name: 'item that is gone reported as done although no answer was lost',
    why: 'an operator who mistypes a group is told that it was deleted',
    file: `${admin}/admin-calls.ts`,
    replace: 'lost.has(name) && isProtocolError',
    by: 'isProtocolError',
    test: {
      file: `${admin}/admin-calls.spec.ts`,
      name: 'counts an item as done that is missing after an attempt whose answer was lost, and only then',
    },
  },
  {
    name: 'old failure of an item kept after its success',
    why: 'an operator repeats a deletion that has been carried out',
    file: `${admin}/admin-calls.ts`,
    replace: '          failures.delete(name);\n',
    by: '',
    test: {
      file: `${admin}/admin-calls.spec.ts`,
      name: 'asks once about an item that is refused, and does not report one that succeeded later',
    },
  },
  {
    name: 'permanent failure of an item retried',
    why: 'one topic that is refused delays the answer about the others until the time limit',
    file: `${admin}/admin-calls.ts`,
    replace: 'if (!isTransient(failures.get(name))) pending.delete(name);',
    by: 'if (!failures.has(name)) pending.delete(name);',
    test: {
      file: `${admin}/admin-calls.spec.ts`,
      name: 'asks once about an item that is refused, and does not report one that succeeded later',
    },
  },
];
