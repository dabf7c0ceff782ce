/**
 * Installs the programs that the tests need in addition to npm packages. If an installation fails,
 * the error names the remedy.
 */

import './kcat.ts';
import { provideProgram } from './provide-program.ts';

const programs = [
  { name: 'strace', neededFor: 'the test "no fsync, no ack" on Linux' },
  { name: 'curl', neededFor: "the test of the README's commands" },
  {
    name: 'python3',
    versionFlag: '-cimport ensurepip',
    debianPackage: 'python3-venv',
    neededFor: "the guides' Python programs",
  },
  { name: 'chromium', neededFor: 'the tests of the console in a browser' },
  { name: 'git', neededFor: 'the test that patches a copy of the workspace' },
];

try {
  for (const program of programs) await provideProgram(program);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
