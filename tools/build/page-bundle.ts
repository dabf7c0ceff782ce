import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** The folder of an app that holds the entry of its page, beside `index.html` and `style.css`. */
export const pageSource = (workspace: string, app: string): string =>
  join(workspace, 'apps', app, 'src/page');

/** The apps that have a page. */
export const appsWithPage = (workspace: string): readonly string[] =>
  readdirSync(join(workspace, 'apps'))
    .sort()
    .filter((app) => existsSync(join(pageSource(workspace, app), 'index.html')));

/**
 * Bundles the page of an app for browsers into a folder: `index.html`, its icon, and `assets/` with
 * scripts, styles and pictures whose names contain a hash of their contents. Resolves to what they were made
 * from, relative to the workspace.
 */
export async function bundlePage(workspace: string, app: string, target: string): Promise<Metafile> {
  const source = pageSource(workspace, app);
  mkdirSync(join(target, 'assets'), { recursive: true });
  const { metafile } = await build({
    absWorkingDir: workspace,
    entryPoints: [join(source, 'main.tsx'), join(source, 'style.css')],
    outdir: join(target, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/assets',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.md': 'text', '.svg': 'file' },
    tsconfigRaw: {},
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  const entry = (extension: string) => {
    const path = Object.keys(metafile.outputs).find(
      (output) => output.endsWith(extension) && metafile.outputs[output]?.entryPoint !== undefined,
    );
    return `/assets/${basename(path ?? '')}`;
  };
  const html = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('SCRIPT', entry('.js'))
    .replace('STYLE', entry('.css'));
  writeFileSync(join(target, 'index.html'), html);
  writeFileSync(join(target, 'icon.svg'), readFileSync(join(source, 'icon.svg')));
  return metafile;
}
