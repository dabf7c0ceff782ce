import { describe, expect, it } from '@jest/globals';
import { logsProblems } from './logs-problems.ts';
import { measureLogs } from './measure-logs.ts';

/** A machine of CI is slower, and others work on it. `npm run verify -- logs` has the full rate and its minute. */
const load = { perSecond: 5_000, seconds: 5, heldAt: 500 };

describe('log lines that arrive faster than the sink takes them', () => {
  it('T33 G31 slow no producer, take little memory of the broker, and are all indexed in the end', async () => {
    const measured = await measureLogs(load, () => undefined);
    expect({ ...measured, problems: logsProblems(measured) }).toMatchObject({ problems: [] });
  });
});
