export const composeFile = 'docker-compose.yml';

/** Removes the service and the volume of this name, with the comment above, up to the comment or the name of the next. */
export function withoutBlocks(text: string, name: string): string {
  const lines = text.split('\n');
  const named = lines.indexOf(`  ${name}:`);
  if (named < 0) return text;
  const above = lines.slice(0, named).findLastIndex((line) => !line.startsWith('  #'));
  const length = lines.slice(named + 1).findIndex((line) => /^ {0,2}\S/.test(line)) + 1;
  const left = [...lines.slice(0, above + 1), ...lines.slice(named + Math.max(length, 1))];
  return withoutBlocks(left.join('\n'), name);
}
