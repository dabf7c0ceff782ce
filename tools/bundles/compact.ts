import { transform } from 'esbuild';
import { nodeBundle } from './node-bundle.ts';

interface Code {
  readonly code: string;
  /** The source map, as JSON. */
  readonly map: string;
}

/** A stack trace reads the positions of whole lines, so lines must not become long. */
const lineCharactersMax = 500;

/**
 * Removes white space and writes all characters beyond ASCII as escapes. A process keeps the source
 * text of its bundle, and Node takes two bytes for each character as soon as one is not ASCII: 21 MB
 * for the services, where 7 MB are left.
 */
export async function compact({ code, map }: Code): Promise<Code> {
  const inlineMap = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  const unmapped = code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
  const compacted = await transform(`${unmapped}\n//# sourceMappingURL=${inlineMap}\n`, {
    target: nodeBundle.target,
    minifyWhitespace: true,
    charset: 'ascii',
    lineLimit: lineCharactersMax,
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
  });
  return { code: compacted.code.replace(beyondAscii, escaped), map: compacted.map };
}

/** What esbuild leaves: regular expressions, where an escape means the same. */
const beyondAscii = /[^\0-\x7f]/g;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
