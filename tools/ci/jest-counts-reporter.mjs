import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const workspace = join(import.meta.dirname, '../..');
const reasonCharactersMax = 600;

/** Returns the message without colours and stack trace. */
const inShort = (message) =>
  stripVTControlCharacters(message)
    .split(/\n\s+at /)[0]
    .replaceAll(/\s+/g, ' ')
    .slice(0, reasonCharactersMax);

/**
 * Writes the result of each test to the file that `record.ts` names. A run without `record.ts`
 * writes nothing.
 */
export default class CountsReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    const file = process.env.MILLRACE_TEST_COUNTS;
    if (file === undefined) return;
    const tests = results.testResults.flatMap((suite) =>
      suite.testResults.map(({ fullName, status, failureMessages }) => ({
        file: relative(workspace, suite.testFilePath),
        name: fullName,
        status,
        ...(failureMessages.length > 0 && { reason: inShort(failureMessages[0]) }),
      })),
    );
    const broken = results.testResults
      .filter((suite) => suite.testExecError !== undefined)
      .map(({ testFilePath, testExecError: { message, stack } }) => ({
        file: relative(workspace, testFilePath),
        reason: inShort(message || stack || 'Jest gives no reason'),
      }));
    const { numPassedTests: passed, numFailedTests: failed } = results;
    writeFileSync(file, JSON.stringify({ passed, failed, skipped: this.#skipped, broken, tests }));
  }

  /**
   * Makes Jest fail in CI if a test was skipped. Otherwise Nx would replay the skipped test as a
   * success.
   */
  getLastError() {
    if (process.env.CI === 'true' && this.#skipped > 0)
      return new Error(`${this.#skipped} tests were skipped, but in CI every test must run`);
    return undefined;
  }
}
