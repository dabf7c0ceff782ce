const successors = /^ {6}--> (.+)$/;

/** Java names a lambda after the place in memory. */
const extractor = /\(extractor class: .*\)/;

/**
 * The lines of `describe()`. Three or more successors are sorted, since Java lists them in the
 * order of a hash set. Extractors have no name.
 */
function comparableLines(description: string): readonly string[] {
  return description
    .trimEnd()
    .split('\n')
    .map((line) => {
      const names = successors.exec(line)?.[1]?.split(', ') ?? [];
      return names.length < 3
        ? line.replace(extractor, '(extractor)')
        : `      --> ${[...names].sort().join(', ')}`;
    });
}

const buildError = 'does not build: ';

/** Stands for the text of a topology that does not build. */
export const doesNotBuild = (error: string): string => `${buildError}${error}`;

export const isDescribedAlike = (javas: string, ours: string): boolean =>
  (javas.startsWith(buildError) && ours.startsWith(buildError)) ||
  comparableLines(javas).join('\n') === comparableLines(ours).join('\n');

/** The first lines that differ, with what stands there in Java. */
export function differentLines({
  javas,
  ours,
}: {
  readonly javas: string;
  readonly ours: string;
}): readonly string[] {
  const java = comparableLines(javas);
  const our = comparableLines(ours);
  const at = java.findIndex((line, index) => line !== our[index]);
  const from = at < 0 ? java.length : at;
  return [
    `  describe() differs at line ${from + 1}`,
    ...java.slice(from, from + 3).map((line) => `    Java  ${line.trim()}`),
    ...our.slice(from, from + 3).map((line) => `    ours  ${line.trim()}`),
  ];
}
