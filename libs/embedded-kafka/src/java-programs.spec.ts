import { describe, expect, it } from '@jest/globals';
import { javaProgram, majorVersion, requireJava, requireMaven } from './java-programs.ts';

describe('the Java that Apache Kafka runs on', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_292"', 8],
    ['command not found', 0],
  ])('in the output %s has major version %i', (output, major) => {
    expect(majorVersion(output)).toBe(major);
  });

  it('is the one that JAVA_HOME names', () => {
    expect(javaProgram({ JAVA_HOME: '/opt/java' })).toBe('/opt/java/bin/java');
    expect(javaProgram({})).toBe('java');
  });

  it('is required with an error that names the remedy, and so is Maven', () => {
    expect(() => requireJava('/nowhere/java')).toThrow(
      /needs Java.*apt-get install openjdk-17-jre-headless.*brew install.*JAVA_HOME/,
    );
    expect(() => requireMaven('/nowhere/mvn')).toThrow(/Maven.*apt-get install maven/);
  });
});
