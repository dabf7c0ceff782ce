import type { Group } from './groups.ts';
import { keptBundle, type BundlePlace } from './kept-bundle.ts';
import { makeBundles } from './make-bundles.ts';

/**
 * Makes the bundles of `needed` that are missing or old, and returns the folder of the group's own.
 * Returns undefined, after a warning, if it cannot be made.
 */
export async function bundleOf(
  group: Group,
  needed: readonly Group[],
  place: BundlePlace,
  warn: (line: string) => void,
): Promise<string | undefined> {
  try {
    const kept = new Map([group, ...needed].map((each) => [each, keptBundle(place, each)]));
    const missing = [...kept.keys()].filter((each) => kept.get(each) === undefined);
    if (missing.length > 0) await makeBundles(missing, place);
    const bundle = kept.get(group) ?? keptBundle(place, group);
    if (bundle === undefined) throw new Error('its sources change while they are bundled');
    return bundle;
  } catch (error) {
    const [why] = (error as Error).message.split('\n');
    warn(
      `could not bundle ${group.name} in ${place.bundles}, so it starts from source, which is slower: ${why}`,
    );
    return undefined;
  }
}
