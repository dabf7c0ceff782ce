/**
 * `npm run program -- tools/install/kafka.ts` installs the programs that tests and benchmarks on
 * Apache Kafka need. It installs Java and Maven on Debian as root and elsewhere prints the remedy.
 * It fetches Kafka's jars from Maven Central into `$MILLRACE_CACHE` or `~/.cache/millrace`. It
 * skips whatever is already installed.
 */
import { installKafka, kafkaVersion } from '../../libs/embedded-kafka/src/install-kafka.ts';
import { provideProgram } from './provide-program.ts';

const neededFor = 'the tests on Apache Kafka';

try {
  if (!process.env.JAVA_HOME)
    await provideProgram({ name: 'java', debianPackage: 'openjdk-17-jre-headless', neededFor });
  await provideProgram({ name: 'mvn', debianPackage: 'maven', neededFor });
  await provideProgram({ name: 'openssl', versionFlag: 'version', neededFor: 'the TLS tests' });
  if (process.platform === 'linux')
    await provideProgram({
      name: 'ip',
      debianPackage: 'iproute2',
      versionFlag: '-V',
      neededFor: 'the tests that cut brokers off from each other',
    });
  for (const name of ['gcc', 'g++', 'make'])
    await provideProgram({ name, neededFor: 'the native client of the broker benchmark' });
  const folder = await installKafka({ print: (line) => console.log(line) });
  console.log(`the jars of Apache Kafka ${kafkaVersion()} are in ${folder}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
