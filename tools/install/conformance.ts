/**
 * `npm run program -- tools/install/conformance.ts` installs the programs that
 * `npm run conformance` needs: kcat, Python, a Java compiler and Maven. It can do so on Debian as
 * root; elsewhere it prints the remedy. The run itself fetches the clients.
 */
import './kcat.ts';
import { provideProgram } from './provide-program.ts';

const neededFor = 'the foreign clients of npm run conformance';

try {
  await provideProgram({ name: 'javac', debianPackage: 'openjdk-17-jdk-headless', neededFor });
  await provideProgram({ name: 'mvn', debianPackage: 'maven', neededFor });
  await provideProgram({
    name: 'python3',
    versionFlag: '-cimport ensurepip',
    debianPackage: 'python3-venv',
    neededFor,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
