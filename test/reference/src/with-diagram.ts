interface Drawn {
  /** The path of the page, for the error. */
  readonly path: string;
  /** The text of a heading of the third level. */
  readonly heading: string;
  readonly diagram: string;
}

/** Returns the page with this diagram below the heading. Throws if the page has no such section. */
export function withDiagram(page: string, { path, heading, diagram }: Drawn): string {
  const drawn = new RegExp(
    `(?<=\\n### ${heading}\\n(?:(?!\\n##)[^])*?\\n\`\`\`mermaid\\n)[^]*?(?=\`\`\`\\n)`,
  );
  if (!drawn.test(page)) throw new Error(`${path} has no section "### ${heading}" with a mermaid block`);
  return page.replace(drawn, () => diagram);
}
