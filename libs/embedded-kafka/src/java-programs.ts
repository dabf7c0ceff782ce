import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { homedir } from 'node:os';

const javaVersionMin = 17;

/** Returns the Java of `JAVA_HOME` if that is set, else the one on the path. */
export const javaProgram = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.JAVA_HOME ? join(environment.JAVA_HOME, 'bin', 'java') : 'java';

/** Returns the compiler that belongs to `javaProgram`. */
export const compilerProgram = (environment: NodeJS.ProcessEnv = process.env): string =>
  `${javaProgram(environment)}c`;

export const compilerRemedy =
  `install a JDK ${javaVersionMin} or newer (Debian and Ubuntu: ` +
  'sudo apt-get install openjdk-17-jdk-headless; macOS: brew install openjdk@21), ' +
  'or set JAVA_HOME to its folder';
const javaRemedy =
  `install Java ${javaVersionMin} or newer (Debian and Ubuntu: ` +
  'sudo apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@21), ' +
  'or set JAVA_HOME to its folder';
const mavenRemedy = 'install it (Debian and Ubuntu: sudo apt-get install maven; macOS: brew install maven)';

/** Throws an error with the remedy if there is no Java that can run Apache Kafka. */
export function requireJava(program = javaProgram()): void {
  const { status, stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Apache Kafka needs Java, but ${program} does not start: ${javaRemedy}`);
  const major = majorVersion(stderr);
  if (major < javaVersionMin)
    throw new Error(
      `Apache Kafka needs Java ${javaVersionMin}, but ${program} is Java ${major}: ${javaRemedy}`,
    );
}

/**
 * Reads the major version from lines such as `openjdk version "17.0.15" 2025-04-15`, or `1.8.0_292`
 * from before Java 9.
 */
export function majorVersion(output: string): number {
  const [, first = '0', second = '0'] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  return Number(first === '1' ? second : first);
}

/** Throws an error with the remedy if there is no Maven. */
export function requireMaven(program = 'mvn'): void {
  if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0)
    throw new Error(`Maven fetches the jars of Apache Kafka, but ${program} does not start: ${mavenRemedy}`);
}

/**
 * The folder for what is fetched or compiled once: `$MILLRACE_CACHE`, or `~/.cache/millrace`. It is
 * outside the workspace, so that clones share it.
 */
export const cacheFolderByDefault = (): string =>
  process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace');
