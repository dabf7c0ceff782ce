import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const javaVersionMin = 17;

/** The Java of `JAVA_HOME` where that is set, else of the path. */
export const javaProgram = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.JAVA_HOME ? join(environment.JAVA_HOME, 'bin', 'java') : 'java';

const javaRemedy =
  `install Java ${javaVersionMin} or newer (Debian and Ubuntu: sudo apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@21), ` +
  'or let JAVA_HOME name it';
const mavenRemedy = 'install it (Debian and Ubuntu: sudo apt-get install maven; macOS: brew install maven)';

/** Throws with the remedy where there is no Java that can run Apache Kafka. */
export function requireJava(program = javaProgram()): void {
  const { status, stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Apache Kafka needs Java, and ${program} does not start: ${javaRemedy}`);
  const major = majorVersion(stderr);
  if (major < javaVersionMin)
    throw new Error(
      `Apache Kafka needs Java ${javaVersionMin}, and ${program} is Java ${major}: ${javaRemedy}`,
    );
}

/** `openjdk version "17.0.15" 2025-04-15`; before Java 9, `1.8.0_292`. */
export function majorVersion(output: string): number {
  const [, first = '0', second = '0'] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  return Number(first === '1' ? second : first);
}

/** Throws with the remedy where there is no Maven. */
export function requireMaven(program = 'mvn'): void {
  if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0)
    throw new Error(`the jars of Apache Kafka come by Maven, and ${program} does not start: ${mavenRemedy}`);
}
