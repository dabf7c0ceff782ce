import type { LongLists } from '../../test/console/src/long-lists/main.ts';
import { reportedRun } from './long-run.ts';

/** Shows a long saga and a long topic in Chromium, and measures every task of the page. */
export const console = reportedRun<LongLists>({
  name: 'console',
  summary: 'a saga of 20,000 events, and a topic of so many records that is tailed up to so many rows',
  options: { records: '1000000', rows: '2000' },
  program: ['test/console/src/long-lists/main.ts'],
  page: ({ measured, problems }, { records }) => ({
    title: 'Long lists in the console',
    about:
      'Chromium shows a saga of 20,000 generated events and a topic of ' +
      `${Number(records).toLocaleString('en-US')} records, and traces every task of the main thread of the ` +
      'page. "CPU" is the most time of the processor that one task took. "Wall" also has the time for which ' +
      'the machine did something else: the services, the broker and the producer run on it too. More than ' +
      '50 ms of CPU in a task fails the run. The tail follows while a producer writes as fast as it can.',
    columns: ['step', 'tasks', 'CPU of the longest, ms', 'wall of the longest, ms', 'elements on the page'],
    rows: measured.map(({ step, tasks, cpuMs, wallMs, elements }) => [
      step,
      tasks.toLocaleString('en-US'),
      cpuMs.toFixed(1),
      wallMs.toFixed(1),
      elements.toLocaleString('en-US'),
    ]),
    closing: [...problems, `${measured.length} steps, ${problems.length} problems`],
  }),
});
