export type Cell = string | number;

/** A table in Markdown. */
export const table = (titles: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
