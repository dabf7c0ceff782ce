/**
 * Installs what the tests and the bench on Apache Kafka need: `npm run program -- tools/install/kafka.ts`. Java and Maven on Debian as root, elsewhere it says
 * what to do; the jars from Maven Central into `$MILLRACE_CACHE` or `~/.cache/millrace`. Nothing happens where all is there already.
 */
import { installKafka, kafkaVersion } from '../../libs/embedded-kafka/src/install-kafka.ts';
import { provideProgram } from './provide-program.ts';

const neededFor = 'the tests on Apache Kafka';

try {
  if (!process.env.JAVA_HOME)
    await provideProgram({ name: 'java', debianPackage: 'openjdk-17-jre-headless', neededFor });
  await provideProgram({ name: 'mvn', debianPackage: 'maven', neededFor });
  await provideProgram({ name: 'openssl', versionFlag: 'version', neededFor: 'the tests of TLS' });
  if (process.platform === 'linux')
    await provideProgram({
      name: 'ip',
      debianPackage: 'iproute2',
      versionFlag: '-V',
      neededFor: 'the brokers cut off from each other',
    });
  for (const name of ['gcc', 'g++', 'make'])
    await provideProgram({ name, neededFor: 'the native client of the broker bench' });
  const folder = await installKafka({ print: (line) => console.log(line) });
  console.log(`the jars of Apache Kafka ${kafkaVersion()} are in ${folder}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
