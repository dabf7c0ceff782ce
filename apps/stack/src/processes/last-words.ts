const reasonsMax = 5;
const lengthMax = 600;

/**
 * Returns in one line why a process gave up, from what it wrote to standard error: the lines that
 * it wrote for people (`NAME: reason`), or the error of a crash, or its last line. Returns
 * undefined if it wrote nothing for people.
 */
export function explain(name: string, lines: readonly string[]): string | undefined {
  // JSON is for the log.
  const said = lines.filter((line) => line.trim() !== '' && !line.startsWith('{'));
  const reasons = said
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2));
  const crash = said.find((line) => /^(Uncaught )?\w*Error\b/.test(line));
  const why = reasons.length > 0 ? reasons.slice(-reasonsMax).join('; ') : (crash ?? said.at(-1));
  return why?.slice(0, lengthMax);
}
